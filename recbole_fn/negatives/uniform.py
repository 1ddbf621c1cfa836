"""Uniformly drawn negatives, as in UFNRec."""

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class UniformSampler(NegativeSampler):
    """Draws uniformly from the items that `fn_neg_exclude` leaves (arXiv 2208.04116, 3.2).

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> context = SimpleNamespace(uniform=lambda rows, num: torch.arange(1, num + 1)[None])
        >>> UniformSampler(context, args=None).sample(None, 3, score=None).items
        tensor([[1, 2, 3]])
    """

    name = "uniform"
    redraws = "few"

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` items for each row, with repetitions."""
        return Negatives(self.context.uniform(rows, num))
