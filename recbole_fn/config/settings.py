"""Every `fn_` key: its default, its constraint, and its meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_fn.config import key_constraints as must
from recbole_fn.config.constraints import (
    BOOLEAN,
    FRACTION,
    NON_NEGATIVE,
    Constraint,
    check,
    constraints_of,
    integer,
    key,
    one_of,
)
from recbole_fn.config.feedback_keys import FeedbackKeys, check_feedback
from recbole_fn.utils.errors import InputError

PREFIX = "fn_"
_CATALOGUE_SLOTS = 100  # remembered items of a row with fn_neg_num: all


@dataclass(frozen=True)
class FNSettings(FeedbackKeys):
    """The `fn_` keys of one run; `eval_` ones and `whole_times` work without `enabled` too.

    Attributes:
        enabled: Whether false-negative training is on; never in a model's pretraining, which has
            its own loss (RecBole's `train_stage: pretrain`, of S3Rec).
        strategy: The treatment of extracted items, by short name or `package.module:Class`: they
            become positives (`flip`), with the teacher's probability as label (`soft`), or are
            left out (`drop`). `off` and `average`, which evaluates the teacher, extract nothing.
        strategy_args: The arguments of the treatment.
        loss: The base loss by short name, such as `bce` (the paper's) or `model` (the model's own),
            or a path.
        loss_args: The arguments of the loss.
        gbce_t: t, the calibration of `gbce`.
        neg_num: N, negatives of a row in each step, or `all` items.
        sampler: What draws the negatives, by short name or `package.module:Class`.
        sampler_args: The arguments of the sampler.
        logq: 0, as in the paper, to 1: how far the loss is corrected for the probability that an
            item is a candidate. Needs a loss normalised over the candidates (`softmax`).
        score: A candidate's score: the `dot` product of vectors, or their `cosine`.
        temperature: What scores are divided by in training; rankings do not change.
        prior: What is added to the scores, by name or path: `followers` (what others had next).
        prior_args: The arguments of the prior.
        memory_slots: The most hard negatives that a row remembers, the highest; None for N.
        flip_after: m: an item that a row remembered in more than m of its visits is extracted.
        count: How these visits are counted: all of them (`exact`), or so that every so many epochs
            the counts of items that their rows do not remember then are halved, down to nothing.
        consistency_weight: alpha, the weight of the teacher's consistency loss.
        teacher_decay: d, the upper bound of the teacher's decay per optimizer step.
        start: When extraction starts: `auto`, `paper`, or an epoch (0-based).
        neg_exclude: What is never drawn: the user's training `history`, or only the `target`.
        eval_with: Whose weights validation and test use once extraction is on.
        eval_candidates: Items, drawn once for each user, that compete with a target; None: all.
        eval_exclude: What validation and test leave out of the ranking: the user's earlier
            items (`history`). None for RecBole's ranking, in which they compete with the target.
        eval_also: Further rankings of validation and test, one or a list: `full` (all items),
            `unseen` (without the user's earlier items), `uni100` or 100 (the target and 100
            items, drawn once for each user), `pop100` (drawn by popularity). Their metrics are
            named `ndcg@10/uni100`.
        whole_times: Whether interactions are sorted and split by whole timestamps, and not by
            float32, as RecBole does; None for `fn_enabled`.
        batching: How rows are encoded: all rows of a window in one pass (`sequence`), one by one
            (`prefix`), or in one pass where the model allows it (`auto`).
        scoring: How candidates are scored: by a dot product (`dot`), from the scores of all items
            (`full_sort`), by `predict`, or the first of these that equals the model's own (`auto`).
        window_stride: Rows from a window's end to the next one's; later rows see at least
            `MAX_ITEM_LIST_LENGTH - window_stride + 1` items. None: windows do not overlap.
        fast_dropout: Whether dropout masks take 16 random bits each on a CPU: faster, other draws.
        log: File to which each epoch's figures are appended, as JSON; None for no file.
        log_style: A `table` of epochs, or RecBole's lines (`recbole`).
        save_every: Steps between saves of the last checkpoint; None to save after each epoch.
        callbacks: Classes `package.module:Class` that watch the training.
        strict_keys: Whether a key that nobody reads is an error and not only a warning. `fn.yaml`
            sets it. Works without `enabled` too.
        patience: Fraction of the epochs trained so far that must have passed since the best
            validation, beside RecBole's `stopping_step`, before training stops; None for 0.

    Example:
        >>> settings = FNSettings.from_config({"fn_neg_num": 50, "epochs": 3})
        >>> settings.neg_num, settings.loss
        (50, 'bce')
    """

    enabled: bool = key(False, BOOLEAN)
    strategy: str = key("flip", must.CLASS)
    strategy_args: Mapping[str, Any] | None = key(None, must.ARGUMENTS)
    loss: str = key("bce", must.CLASS)
    loss_args: Mapping[str, Any] | None = key(None, must.ARGUMENTS)
    gbce_t: float = key(0.75, FRACTION)
    neg_num: int | str = key(100, must.NEG_NUM)
    sampler: str = key("uniform", must.CLASS)
    sampler_args: Mapping[str, Any] | None = key(None, must.ARGUMENTS)
    logq: float = key(0.0, FRACTION)
    score: str = key("dot", one_of("dot", "cosine"))
    temperature: float = key(1.0, must.POSITIVE)
    prior: str | None = key(None, must.CLASS)
    prior_args: Mapping[str, Any] | None = key(None, must.ARGUMENTS)
    memory_slots: int | None = key(None, integer(1, 1_000_000))
    flip_after: int = key(5, integer(0, 32_000))  # counts are kept in 16 bits
    count: str | int = key("exact", must.COUNT)
    consistency_weight: float = key(0.3, NON_NEGATIVE)
    teacher_decay: float = key(0.999, must.DECAY)
    start: str | int = key("auto", must.START)
    neg_exclude: str = key("history", one_of("history", "target"))
    eval_with: str = key("teacher", one_of("teacher", "student"))
    eval_candidates: int | None = key(None, integer(1, 1_000_000))
    eval_exclude: str | None = key(None, one_of("history"))
    eval_also: str | int | Sequence[str | int] | None = key(None, must.RANKINGS)
    whole_times: bool | None = key(None, BOOLEAN)
    batching: str = key("auto", one_of("auto", "sequence", "prefix"))
    window_stride: int | None = key(None, must.STRIDE)
    scoring: str = key("auto", one_of("auto", "dot", "full_sort", "predict"))
    fast_dropout: bool = key(False, BOOLEAN)
    log: str | None = key(None, must.PATH)
    log_style: str = key("table", one_of("table", "recbole"))
    save_every: int | None = key(None, integer(1, 1_000_000_000))
    callbacks: Sequence[str] | None = key(None, must.CALLBACKS)
    strict_keys: bool = key(False, BOOLEAN)
    patience: float | None = key(None, FRACTION)

    @property
    def uses_model_loss(self) -> bool:
        """Whether the loss is the model's own `calculate_loss` on a batch of RecBole."""
        return self.loss == "model"

    @property
    def main_ranking(self) -> str:
        """The ranking of the unmarked metrics: `full`, `unseen` or `uni100`."""
        if self.eval_candidates is not None:
            return f"uni{self.eval_candidates}"
        return "full" if self.eval_exclude is None else "unseen"

    @property
    def also_rankings(self) -> list[str]:
        """The further rankings by name."""
        return must.ranking_names(self.eval_also)

    @property
    def sampler_name(self) -> str:
        """The short name or path of the sampler; it is `all` if all items are compared."""
        return "all" if self.neg_num == "all" else self.sampler

    @property
    def num_slots(self) -> int:
        """Slots of a row: N; with `fn_neg_num: all` the most items that a row remembers."""
        return self.slots if isinstance(self.neg_num, str) else self.neg_num

    @property
    def slots(self) -> int:
        """The most hard negatives that a row remembers."""
        if isinstance(self.neg_num, str):
            return self.memory_slots or _CATALOGUE_SLOTS
        return min(self.neg_num, self.memory_slots or self.neg_num)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "FNSettings":
        """Reads the `fn_` keys from a mapping; absent or null ones have their defaults.

        Args:
            config: RecBole's final configuration dictionary, or any mapping.

        Raises:
            InputError: for an unknown `fn_` key (naming the nearest known one), a value that is
                not allowed, or an `fn_window_stride` above the mapping's `MAX_ITEM_LIST_LENGTH`.
        """
        ours = {name: value for name, value in config.items() if name.startswith(PREFIX)}
        keys = {name: must.unquoted(name, value) for name, value in ours.items()}
        for name, value in keys.items():
            check(name, value, CONSTRAINTS)
        fields = {name[len(PREFIX) :]: value for name, value in keys.items() if value is not None}
        if config.get("train_stage") == "pretrain":
            fields["enabled"] = False
        must.check_stride(fields.get("window_stride"), config.get("MAX_ITEM_LIST_LENGTH"))
        settings = cls(**fields)
        _check_together(settings)
        return settings


CONSTRAINTS: dict[str, Constraint] = constraints_of(FNSettings, PREFIX)


def _check_together(settings: FNSettings) -> None:
    check_feedback(settings, settings.neg_num, settings.uses_model_loss)
    if settings.main_ranking in settings.also_rankings:
        raise InputError(
            f"fn_eval_also is {settings.eval_also!r}, but {settings.main_ranking} is the ranking "
            f"of validation and test already; it must name others"
        )
    if settings.uses_model_loss and settings.batching == "sequence":
        raise InputError(
            "fn_batching is 'sequence' and fn_loss is 'model', which is computed row by row; "
            "fn_batching must be auto or prefix"
        )
