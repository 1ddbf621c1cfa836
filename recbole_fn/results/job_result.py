"""The result of one job of a comparison, and the JSON file that holds it."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.results.epoch_result import EpochResult
from recbole_fn.results.explained_list import ExplainedItem
from recbole_fn.results.extraction_result import (
    ExtractionExample,
    ExtractionResult,
    HeldOutRate,
)
from recbole_fn.results.target_ranks import TargetRanks
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json

T = TypeVar("T")

# Names in files of earlier versions.
_EARLIER = {"arm": "variant", "base": "baseline", "share": "rate", "random": "random_rate"}


@dataclass(frozen=True)
class JobResult:
    """The result of one job: one variant, trained and tested with one seed.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model.
        variant: Name of the variant.
        seed: The seed.
        keys: Keys that win over `common.yaml`: the command line's, the variant's and the seed.
        config: RecBole's final configuration, every key.
        valid: Metrics of the best validation, rounded to `metric_decimal_place`.
        test: Metrics of the test, not rounded.
        valid_metric: Metric of the validation scores, such as `ndcg@10`.
        best_epoch: Epoch of the best validation, from 0; the last epoch without validations.
        epochs: Number of epochs trained.
        extraction_started: Epoch in which extraction started, from 0; None if it never did.
        seconds_per_epoch: Mean time per epoch of training, without validation.
        seconds: Time of the whole job, including data preparation and evaluation.
        peak_memory_bytes: Peak memory of the process, including Python and all packages.
        peak_gpu_memory_bytes: Peak memory of PyTorch on the GPU; None without a GPU.
        num_parameters: Number of trainable parameters, without the teacher's.
        history: The epochs in order.
        training_set: Hash of the training rows; equal for all variants of a seed.
        explained: Why a few users get their first item; earlier versions lack them.
        files: Size and hash of each file of the data set, by name; earlier versions lack them.
        ranks: Name of the file of target ranks; None if RecBole samples (`mode: uni100`).
        extracted: What extraction holds at the end; None if it never started. Earlier versions
            lack it.
        kinds: With `fn_feedback_inputs: typed`, the learned vector of each kind of feedback.
        target_ranks: Contents of the file of target ranks, once loaded; not part of the JSON.

    Example:
        >>> epoch = EpochResult(0, 1.5, 93.1, 0.11, None)
        >>> job = JobResult(
        ...     dataset="ml-100k", model="SASRec", variant="flip", seed=1, keys={}, config={},
        ...     valid={"ndcg@10": 0.11}, test={"ndcg@10": 0.1}, valid_metric="ndcg@10",
        ...     best_epoch=0, epochs=1, extraction_started=None, seconds_per_epoch=1.5,
        ...     seconds=9.0, peak_memory_bytes=1 << 29, peak_gpu_memory_bytes=None,
        ...     num_parameters=1000, history=[epoch], training_set="5f1d", ranks=None,
        ... )
        >>> JobResult.from_json(job.to_json()) == job
        True
    """

    dataset: str
    model: str
    variant: str
    seed: int
    keys: dict[str, Any]
    config: dict[str, Any]
    valid: dict[str, float]
    test: dict[str, float]
    valid_metric: str
    best_epoch: int
    epochs: int
    extraction_started: int | None
    seconds_per_epoch: float
    seconds: float
    peak_memory_bytes: int
    peak_gpu_memory_bytes: int | None
    num_parameters: int
    history: list[EpochResult]
    training_set: str
    ranks: str | None
    extracted: ExtractionResult | None = None
    explained: list[ExplainedItem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, list[float]] | None = None
    target_ranks: TargetRanks | None = field(default=None, compare=False, repr=False)

    @property
    def ranked_metrics(self) -> list[str]:
        """The metric of the validation scores, as tested in each ranking (`fn_eval_also`)."""
        name = self.valid_metric.partition(RANKING_SEPARATOR)[0]
        others = [m for m in self.test if m.partition(RANKING_SEPARATOR)[0] == name]
        return list(dict.fromkeys([self.valid_metric, *others]))

    def valid_scores(self, metric: str) -> dict[int, float]:
        """One of `ranked_metrics` in the validations, by epoch."""
        scores = {e.epoch: (e.valid or {}).get(metric) for e in self.history}
        if metric == self.valid_metric:  # earlier versions have it alone
            scores = {e.epoch: e.valid_score for e in self.history}
        return {epoch: score for epoch, score in scores.items() if score is not None}

    def to_json(self) -> str:
        """The result as JSON, without the target ranks."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        del values["target_ranks"]
        values["history"] = [asdict(epoch) for epoch in self.history]
        values["extracted"] = self.extracted and asdict(self.extracted)
        values["explained"] = [asdict(one) for one in self.explained]
        return as_json(values)

    @classmethod
    def from_json(cls, text: str) -> "JobResult":
        """Reads JSON that `to_json` wrote, in this version or an earlier one.

        Raises:
            InputError: If the text is not JSON, or a field is missing.
        """
        values = read_object(text)
        try:
            values["history"] = [_build(EpochResult, epoch) for epoch in values["history"]]
            values["extracted"] = _extracted(values.get("extracted"))
            explained = values.get("explained") or []
            values["explained"] = [_build(ExplainedItem, one) for one in explained]
            return _build(cls, values)
        except KeyError as error:  # its name alone, no words of Python
            raise InputError(f"it has no field {error}; it must be a whole result") from error
        except (TypeError, AttributeError) as error:
            raise InputError("a field has another form; it must be as `compare` writes") from error

    @classmethod
    def read(cls, path: Path, load_ranks: bool = False) -> "JobResult":
        """Reads the file of a job.

        Args:
            path: The JSON file.
            load_ranks: Whether to load the file of target ranks next to it.

        Raises:
            InputError: If the file is incomplete.
        """
        try:
            result = cls.from_json(path.read_text(encoding="utf-8"))
        except InputError as error:  # in our words already
            raise InputError(f"{str(path)!r} is not usable: {error}; delete the file") from error
        if not load_ranks or result.ranks is None:
            return result
        return replace(result, target_ranks=TargetRanks.load(path.with_name(result.ranks)))


def read_object(text: str) -> dict[str, Any]:
    """A JSON object with today's names in place of those that earlier versions wrote.

    Raises:
        InputError: If the text is not a JSON object.

    Example:
        >>> read_object('{"arm": "flip", "seed": 1}')
        {'variant': 'flip', 'seed': 1}
    """
    try:
        return _renamed(json.loads(text))
    except json.JSONDecodeError as error:  # only the parser knows the line
        raise InputError(f"it must be a JSON object ({error})") from error
    except AttributeError as error:
        raise InputError("it must be a JSON object, which begins with {") from error


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_EARLIER.get(name, name): value for name, value in values.items()}


def _build(kind: type[T], values: Mapping[str, Any]) -> T:
    """An instance of a dataclass; a later version may have written more fields."""
    given = _renamed(values)
    known = fields(kind)  # type: ignore[arg-type]
    for one in known:
        if one.name not in given and one.default is one.default_factory is MISSING:
            raise KeyError(one.name)
    return kind(**{one.name: given[one.name] for one in known if one.name in given})


def _extracted(values: Mapping[str, Any] | None) -> ExtractionResult | None:
    if values is None:
        return None
    rates = {name: _build(HeldOutRate, rate) for name, rate in values["held_out"].items()}
    examples = [_build(ExtractionExample, example) for example in values["examples"]]
    return ExtractionResult(values["visits"], values["popularity"], rates, examples)
