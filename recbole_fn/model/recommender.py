"""What training needs of a sequential model beside RecBole's interface."""

from recbole.model.abstract_recommender import SequentialRecommender
from torch import Tensor

from recbole_fn.subclassing import SwitchedOn


class FNRecommender(SwitchedOn, SequentialRecommender):
    """Lets a sequential model of RecBole return its encoding of every position.

    Attributes:
        every_position: While true, `forward` of a model that picks the last position through
            RecBole's `gather_indexes` returns all positions instead, shape [B, L, H].
    """

    every_position: bool = False

    def gather_indexes(self, output: Tensor, gather_index: Tensor) -> Tensor:
        """RecBole's choice of one position, [B, H] of [B, L, H]; or all of them."""
        if self.every_position:
            return output
        picked: Tensor = super().gather_indexes(output, gather_index)
        return picked
