"""Compares the target with the whole catalogue instead of sampled negatives."""

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class CatalogueSampler(NegativeSampler):
    """Draws nothing: every item is a candidate (`fn_neg_num: all`).

    Example:
        Its slots stay empty until remembered items fill them:

        >>> import torch
        >>> from types import SimpleNamespace
        >>> sampler = CatalogueSampler(context=None, args=None)
        >>> rows = SimpleNamespace(targets=torch.tensor([4, 2]))
        >>> sampler.sample(rows, 3, score=None).items
        tensor([[0, 0, 0],
                [0, 0, 0]])
    """

    name = "all"
    covers_catalogue = True

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Empty slots, `num` for each row, for the items that the row remembers."""
        return Negatives(rows.targets.new_zeros(len(rows.targets), num))
