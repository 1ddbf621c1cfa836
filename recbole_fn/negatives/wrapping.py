"""A sampler around another one that draws."""

from typing import Any

from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler
from recbole_fn.negatives.context import SamplerContext


class WrappingSampler(NegativeSampler):
    """Changes what another sampler draws, and passes the rest on to it; a subclass has `sample`.

    Args:
        context: The run.
        args: Arguments of the subclass.
        inner: The sampler that draws.

    Example:
        >>> from recbole_fn.negatives.guarded import GuardedSampler
        >>> issubclass(GuardedSampler, WrappingSampler)
        True
    """

    def __init__(self, context: SamplerContext, args: Any, inner: NegativeSampler) -> None:
        super().__init__(context, args)
        self.inner, self.log_q_counts_valid = inner, inner.log_q_counts_valid

    @property
    def observes(self) -> bool:
        """Whether the sampler that draws observes scores."""
        return self.inner.observes

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """That of the sampler that draws."""
        return self.inner.log_q(rows, negatives)

    def may_be_positive(self, rows: RowBatch, items: Tensor) -> Tensor:
        """What the sampler that draws says, shape [rows, items], bool."""
        return self.inner.may_be_positive(rows, items)

    def observe(self, rows: RowBatch, negatives: Negatives, scores: Tensor) -> None:
        """Passed on to the sampler that draws."""
        self.inner.observe(rows, negatives, scores)

    def end_epoch(self) -> None:
        """Passed on to the sampler that draws."""
        self.inner.end_epoch()

    def state_dict(self) -> dict[str, Tensor]:
        """The state of the sampler that draws."""
        return self.inner.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned."""
        self.inner.load_state_dict(state)
