"""Uniform negatives, as UFNRec draws them."""

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class UniformSampler(NegativeSampler):
    """Draws uniformly from the items that `fn_neg_exclude` leaves (arXiv 2208.04116, 3.2)."""

    name = "uniform"

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws N items for each row, with repetitions."""
        return Negatives(self.context.uniform(rows, num))
