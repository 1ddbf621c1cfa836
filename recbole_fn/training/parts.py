"""The classes that a configuration names: sampler, loss, treatment and callbacks."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recbole_fn.config.components import Choice
from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.extraction import TREATMENTS, Treatment
from recbole_fn.losses import LOSSES, CandidateLoss
from recbole_fn.negatives import SAMPLERS, NegativeSampler
from recbole_fn.priors import PRIOR
from recbole_fn.training.callbacks import Callback
from recbole_fn.utils.errors import InputError

SAMPLER = Choice("fn_sampler", NegativeSampler, SAMPLERS)
LOSS = Choice("fn_loss", CandidateLoss, LOSSES)
TREATMENT = Choice("fn_strategy", Treatment, TREATMENTS)
CALLBACK: Choice[Callback] = Choice("fn_callbacks", Callback, ())


@dataclass(frozen=True)
class Parts:
    """The classes of a run, and their arguments.

    Examples:
        >>> Parts.of({"fn_strategy": "drop"}).treatment.__name__
        'Drop'

    Attributes:
        settings: The `fn_` keys.
        sampler: The class that draws negatives.
        sampler_args: Its arguments.
        loss: The class of the base loss.
        loss_args: Its arguments.
        treatment: The class that decides what becomes of extracted items.
        treatment_args: Its arguments.
        callbacks: Classes that watch the training.
    """

    settings: FNSettings
    sampler: type[NegativeSampler]
    sampler_args: object
    loss: type[CandidateLoss]
    loss_args: object
    treatment: type[Treatment]
    treatment_args: object
    callbacks: tuple[type[Callback], ...]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Parts":
        """Finds the classes.

        Args:
            config: RecBole's final configuration dictionary, or any mapping.

        Raises:
            InputError: for a bad `fn_` key, an unknown class, a bad argument, or parts that do
                not go together.
        """
        settings = FNSettings.from_config(config)
        keys = {PREFIX + key.name: getattr(settings, key.name) for key in fields(settings)}
        sampler = SAMPLER.find(settings.sampler_name)
        loss, treatment = LOSS.find(settings.loss), TREATMENT.find(settings.strategy)
        parts = cls(
            settings,
            sampler,
            SAMPLER.read_args(sampler, settings.sampler_args, keys),
            loss,
            LOSS.read_args(loss, settings.loss_args, keys),
            treatment,
            TREATMENT.read_args(treatment, settings.strategy_args, keys),
            tuple(CALLBACK.find(name) for name in settings.callbacks or ()),
        )
        if settings.prior is not None:
            PRIOR.read_args(PRIOR.find(settings.prior), settings.prior_args, {})
        parts._check_together()
        return parts

    @property
    def what_starts(self) -> str:
        """What starts with the epoch that `fn_start` chooses, in words."""
        return "extraction" if self.treatment.extracts else "averaging of the weights"

    def _check_together(self) -> None:
        self._check_catalogue()
        self._check_log_q()
        self._check_model_loss()
        self._check_mixing()
        self._check_not_to_recommend()
        if not self.treatment.extracts and self.treatment.averages:
            self._require_teacher()

    def _check_catalogue(self) -> None:
        """`fn_neg_num: all` compares all items, and draws nothing."""
        settings = self.settings
        if settings.neg_num == "all" and not self.loss.normalises:
            raise InputError(
                f"fn_neg_num is 'all' and fn_loss is {settings.loss!r}; fn_loss must be softmax, "
                f"cross_entropy or contrastive, which compare all items"
            )
        if settings.neg_num == "all" and settings.sampler != "uniform":
            raise InputError(
                f"fn_neg_num is 'all' and fn_sampler is {settings.sampler!r}, which would draw "
                f"nothing; fn_neg_num must be an integer, or fn_sampler left out"
            )
        if self.sampler.covers_catalogue and settings.neg_num != "all":
            raise InputError(
                f"fn_neg_num is {settings.neg_num} and fn_sampler is {settings.sampler!r}, which "
                f"covers the catalogue; fn_neg_num must be all"
            )

    def _check_log_q(self) -> None:
        settings = self.settings
        if settings.logq > 0 and (not self.loss.normalises or settings.neg_num == "all"):
            raise InputError(
                f"fn_logq is {settings.logq}, which corrects a softmax over drawn items, but "
                f"fn_loss is {settings.loss!r} and fn_neg_num is {settings.neg_num}; fn_logq must "
                f"be 0"
            )
        if settings.logq > 0 and not self._drawing.knows_log_q:
            raise InputError(
                f"fn_logq is {settings.logq} and fn_sampler is {settings.sampler!r}, whose chances "
                f"to draw an item are not known; fn_logq must be 0"
            )

    def _check_model_loss(self) -> None:
        """A model computes its own loss, without our scores."""
        settings = self.settings
        for name, off in (("prior", None), ("score", "dot"), ("temperature", 1)):
            value = getattr(settings, name)
            if value != off and settings.uses_model_loss:
                raise InputError(
                    f"fn_{name} is {value!r} and fn_loss is 'model', which the model computes "
                    f"without it; fn_loss must be another loss"
                )

    def _check_mixing(self) -> None:
        """Mixed negatives are vectors, not items."""
        settings = self.settings
        if self._drawing.mixes and settings.score == "cosine":
            raise InputError(
                f"fn_score is 'cosine' and fn_sampler is {settings.sampler!r}, which mixes vectors "
                f"by their dot products; fn_score must be dot"
            )
        if self._drawing.mixes_dimensions and settings.prior is not None:
            raise InputError(
                f"fn_prior is {settings.prior!r} and fn_sampler is {settings.sampler!r}, which "
                f"mixes dimensions of vectors, and a prior has none; fn_prior must be null"
            )
        if self._drawing.mixes and settings.uses_model_loss:
            raise InputError(
                f"fn_sampler is {settings.sampler!r}, which mixes negatives with the target, and "
                f"fn_loss is 'model', which takes items; fn_loss must be another loss"
            )

    def _check_not_to_recommend(self) -> None:
        """The term -log(1 - p) needs the probability of an item among the candidates."""
        settings, loss = self.settings, self.settings.loss
        if not settings.has_real_negatives or settings.has_real_slots or self.loss.normalises:
            return
        why = "which gives items no probability among the candidates"
        if loss in ("bce", "gbce"):
            why = "in which a negative in a slot adds -log(1 - p) already"
        raise InputError(
            f"fn_real_negative_loss is 'not_to_recommend' and fn_loss is {loss!r}, {why}; it must "
            f"be slot, or fn_loss softmax, cross_entropy or contrastive"
        )

    @property
    def _drawing(self) -> type[NegativeSampler]:
        """The sampler that draws the items, which may be wrapped."""
        return self.sampler.drawing(self.sampler_args)

    def _require_teacher(self) -> None:
        if self.settings.eval_with == "student":
            raise InputError(
                f"fn_eval_with is 'student' and fn_strategy is {self.settings.strategy!r}, which "
                f"only makes a teacher; fn_eval_with must be teacher"
            )
