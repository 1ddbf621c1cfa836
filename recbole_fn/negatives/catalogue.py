"""The whole catalogue in place of sampled negatives."""

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class CatalogueSampler(NegativeSampler):
    """Draws nothing: every item is a candidate (`fn_neg_num: all`)."""

    name = "all"
    covers_catalogue = True

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Empty places, N for each row, for the items that the row remembers."""
        return Negatives(rows.targets.new_zeros(len(rows.targets), num))
