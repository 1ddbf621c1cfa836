"""The interface of a negative sampler, for this package's samplers and a user's own."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.drawing import uniform_log_q
from recbole_fn.negatives.scoring import Score as Score
from recbole_fn.scoring.mixture import Mixture


@dataclass(frozen=True)
class Negatives:
    """Sampled negatives.

    Attributes:
        items: Item ids, shape [rows, negatives].
        log_q: Log of the expected number of times that a row's negatives hold each item, shape
            [rows, negatives]; None if every item that can be drawn is equally likely.
        valid: Mask of the negatives that take part in the loss, shape [rows, negatives], bool;
            False for an accidental hit, a known positive or a duplicate. None if all take part.
        labels: From 0 (negative) to 1 (as positive as the target), shape [rows, negatives];
            None if all are 0.
        mixture: How the row's target is mixed into each negative; None if it is not.
        weights: How many times each negative counts in the loss, shape [rows, negatives]; None if
            each counts once.
        fixed: Mask of the items that each visit of the row holds, so that the log of their number
            is 0, shape [rows, negatives], bool; None if all items are drawn.
        shuffled: Mask of those of the fixed items that lie in a random one of these slots, so that
            items in their place take each away equally often, shape [rows, negatives], bool; None
            if fixed items have fixed slots.

    Example:
        >>> import torch
        >>> Negatives(torch.tensor([[5, 2]]), valid=torch.tensor([[True, False]])).items
        tensor([[5, 2]])
    """

    items: Tensor
    log_q: Tensor | None = None
    valid: Tensor | None = None
    labels: Tensor | None = None
    mixture: Mixture | None = None
    weights: Tensor | None = None
    fixed: Tensor | None = None
    shuffled: Tensor | None = None


class NegativeSampler(Component, ABC):
    """Draws the negatives of a batch's rows. A subclass implements `sample`.

    With several processes, each sees the whole batch and draws the same negatives, and `score`
    returns the scores of all rows. So a sampler need not know the number of processes.

    Attributes:
        covers_catalogue: Whether all items are negatives of each row, so that none is drawn.
        knows_log_q: Whether `log_q` is known, so that `fn_logq` can correct the loss.
        needs_vectors: Whether the model must score by dot products; `score` then is a
            `VectorScore`.
        mixes: Whether negatives may be mixed with the target, so that the model's own loss, which
            takes items, cannot be used.
        mixes_dimensions: Whether they are mixed dimension by dimension, so that no prior, which has
            none, can be added to the scores.
        draws_from_batch: Whether the batch's targets are drawn from, so that batches must be at
            random; else they hold histories of similar length.
        redraws: How `guarded` replaces some of a row's N draws. `few` draws as many as are needed;
            draws must be independent of each other and of N. `all` draws N again and takes those
            of the same slots, `distinct` of these no item that the row has. `spare` draws more
            than N at once, of which any N are what N draws are. `never` cannot be wrapped.

    Args:
        context: The run.
        args: An instance of the class's `Args`.

    Example:
        A sampler of your own, selected by `fn_sampler: my_package.my_module:Hardest`. It keeps the
        negatives that the model ranks highest in a larger draw, as dynamic negative sampling does
        (Zhang et al., SIGIR 2013):

        >>> class Hardest(NegativeSampler):
        ...     def sample(self, rows, num, score):
        ...         pool = self.context.uniform(rows, 4 * num)  # [rows, 4 * num]
        ...         return Negatives(pool.gather(1, score(pool).topk(num, dim=1).indices))

        Where items 1 to 8 are drawn and an item's id is its score, it returns 8 and 7:

        >>> import torch
        >>> from types import SimpleNamespace
        >>> context = SimpleNamespace(uniform=lambda rows, num: torch.arange(1, num + 1)[None])
        >>> Hardest(context, Hardest.Args()).sample(None, 2, lambda items: items.float()).items
        tensor([[8, 7]])
    """

    covers_catalogue: ClassVar[bool] = False
    knows_log_q: ClassVar[bool] = True
    needs_vectors: ClassVar[bool] = False
    mixes: ClassVar[bool] = False
    mixes_dimensions: ClassVar[bool] = False
    draws_from_batch: ClassVar[bool] = False
    redraws: ClassVar[Literal["few", "all", "distinct", "spare", "never"]] = "all"

    def __init__(self, context: SamplerContext, args: object) -> None:
        self.context, self.args = context, args

    @classmethod
    def drawing(cls, args: object) -> type["NegativeSampler"]:
        """The class that draws with such arguments; another one if this class wraps it."""
        return cls

    @abstractmethod
    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws negatives.

        Args:
            rows: The rows.
            num: Negatives for each row.
            score: Scores items with the current model; see `Score`.

        Returns:
            The negatives; their items have shape [rows, num].
        """

    log_q_counts_valid: bool = False
    """Whether `log_q` knows from `Negatives.valid` how many were drawn; else N were."""

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """Log of the expected number of times that a row's negatives hold each of the items.

        Args:
            rows: The rows.
            negatives: What `sample` returned for them.

        Returns:
            The log, shape [rows, negatives].
        """
        if negatives.log_q is not None:
            return negatives.log_q
        return uniform_log_q(negatives.items.shape[1], self.context.num_free(rows))

    def may_be_positive(self, rows: RowBatch, items: Tensor) -> Tensor:
        """Which items may be false negatives: all, but those that are known to be negative.

        Args:
            rows: The rows.
            items: Item ids, shape [rows, items].

        Returns:
            A mask, shape [rows, items], bool; other items are never extracted.
        """
        return torch.ones_like(items, dtype=torch.bool)

    @property
    def observes(self) -> bool:
        """Whether `observe` needs the scores of each step."""
        return type(self).observe is not NegativeSampler.observe

    def observe(self, rows: RowBatch, negatives: Negatives, scores: Tensor) -> None:
        """Observes the scores of a step. Called once an epoch for each row; does nothing here.

        Args:
            rows: The rows of the step.
            negatives: What `sample` returned, with remembered items in the first places.
            scores: The model's scores of these items, shape [rows, negatives].
        """

    def end_epoch(self) -> None:
        """Called after each epoch; does nothing here."""

    def state_dict(self) -> dict[str, Tensor]:
        """State for a resumed run besides the generator's; part of every checkpoint."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned.

        Args:
            state: The state.
        """
        if state:
            raise ValueError(f"{type(self).__name__} has no load_state_dict for its state")
