"""Samplers that mix the target into the hardest items of a pool."""

from abc import abstractmethod
from typing import ClassVar

from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, Score
from recbole_fn.negatives.pool_sampler import PoolSampler, ScoredPool, highest
from recbole_fn.scoring.mixture import Mixture


class MixingSampler(PoolSampler):
    """Takes the highest-scoring items of a pool; a subclass says how the target is mixed into them.

    Example:
        >>> from recbole_fn.negatives.mixup import MixupSampler
        >>> issubclass(MixupSampler, MixingSampler)
        True
    """

    needs_vectors: ClassVar[bool] = True
    mixes: ClassVar[bool] = True

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Takes the hardest items, and mixes each of them."""
        items = super().sample(rows, num, score).items  # [rows, num]
        return Negatives(items, mixture=self.mixture(items))

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """The highest-scoring items."""
        return highest(pool.scores, num)

    @abstractmethod
    def mixture(self, items: Tensor) -> Mixture:
        """How the targets of rows are mixed into their negatives.

        Args:
            items: The negatives, shape [rows, num].
        """
