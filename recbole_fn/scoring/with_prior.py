"""Adds a model's score prior to what a scorer gives; the prior is not encoded with the rows."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.follower_counts import last_items
from recbole_fn.priors import Ends
from recbole_fn.scoring.scorers import EncodedRows, EncodedVectors, Scorer
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset, Model


@contextmanager
def own_scores(model: Model) -> Iterator[None]:
    """Within the context, a model returns its own scores: no cosines, and without a prior.

    Args:
        model: The model; a user's own of RecBole's plain class returns what it always does.

    Example:
        >>> rows = run.test_data.dataset[:8]
        >>> with own_scores(run.model):
        ...     scores = run.model.full_sort_predict(rows)  # without a prior
        >>> scores.numel() // 8
        51
    """
    with getattr(model, "fn_own_scores", nullcontext)():
        yield


def with_prior(model: Model, scorer: Scorer, dataset: Dataset, prior: str | None) -> Scorer:
    """The scorer of a model's training, which adds the model's prior if it has one.

    Args:
        model: The model; one that a user made of RecBole's plain class has no prior.
        scorer: The scorer of the model's own scores.
        dataset: The built training set.
        prior: The key `fn_prior`.

    Raises:
        InputError: if the model was made without the prior that the configuration asks for.

    Example:
        >>> from types import SimpleNamespace
        >>> with_prior(SimpleNamespace(fn_prior=None), "the scorer", dataset=None, prior=None)
        'the scorer'
    """
    if getattr(model, "fn_prior", None) is None:
        if prior is not None:
            raise InputError(
                f"fn_prior is {prior!r}, but the model is RecBole's own {type(model).__name__} "
                f"without a prior; it must be made by recbole.utils.get_model(name), imported "
                f"after recbole_fn.register()"
            )
        return scorer
    model.fn_of_probabilities.fill_(getattr(scorer, "is_probability", False))
    return PriorScorer(scorer, last_items(dataset, model.fn_prior.depth))


class PriorScorer:
    """Scores with a model and its prior.

    Args:
        scorer: The scorer of the model's own scores.
        last: The last items of each training row, newest first, shape [rows of the training set,
            depth]; read for windows, whose rows do not have lists of their own.

    Example:
        `with_prior` makes it for a model with a prior:

        >>> from recbole_fn.experiment.build import build_experiment
        >>> config["fn_prior"] = "followers"
        >>> built = build_experiment(config)
        >>> last = last_items(built.train_data.dataset, depth=3)
        >>> scorer = PriorScorer(run.trainer.fn_step.scorer, last)
        >>> scorer.name, scorer.encode(built.model, rows).score(rows.targets.view(8, 1)).shape
        ('dot product and prior', torch.Size([8, 1]))
    """

    def __init__(self, scorer: Scorer, last: Tensor) -> None:
        self.scorer, self.last, self.name = scorer, last, f"{scorer.name} and prior"

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Encodes the rows of a batch, and looks up the ends of their histories."""
        if batch.entry is None:
            items, lengths = (batch.interaction[f] for f in (model.ITEM_SEQ, model.ITEM_SEQ_LEN))
            ends = Ends.of(items, lengths, batch.users, self.last.shape[1])
        else:
            self.last = self.last.to(batch.rows.device)
            ends = Ends(self.last[batch.rows], batch.users)
        with own_scores(model):
            return _WithPrior(model, self.scorer.encode(model, batch), ends)


@dataclass(frozen=True)
class _WithPrior:
    """Encoded rows whose scores a prior adds to."""

    model: Model
    encoded: EncodedRows
    ends: Ends

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        with own_scores(self.model):
            scores = self.encoded.score(items)
        prior: Tensor = self.model.fn_prior.pairs(self.ends, items)
        return scores + prior

    def cosines(self, items: Tensor) -> Tensor:
        """See `EncodedVectors`; a prior has no vectors and adds nothing."""
        with own_scores(self.model):
            return cast(EncodedVectors, self.encoded).cosines(items)

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        with own_scores(self.model):
            scores = self.encoded.catalogue()
        prior: Tensor = self.model.fn_prior.catalogue(self.ends)
        return scores + prior

    def select(self, rows: slice) -> "_WithPrior":
        """See `EncodedRows`."""
        ends = Ends(self.ends.last[rows], self.ends.users[rows])
        return _WithPrior(self.model, self.encoded.select(rows), ends)
