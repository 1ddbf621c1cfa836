"""What training needs of a sequential model beside RecBole's interface."""

from typing import Any

import torch
from recbole.model.abstract_recommender import SequentialRecommender
from torch import Tensor

from recbole_fn.config.switch import SwitchedOn


class FNRecommender(SwitchedOn, SequentialRecommender):
    """Lets a sequential model of RecBole return its encoding of every position.

    Attributes:
        fn_all_positions: While true, `forward` of a model that picks the last position through
            RecBole's `gather_indexes` returns all positions instead, shape [B, L, H].
    """

    fn_all_positions: bool = False

    def __init__(self, config: Any, dataset: Any) -> None:
        super().__init__(config, dataset)
        # RecBole reads pretrained vectors as float64; KSR keeps its relations so, and fails.
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and value.dtype == torch.float64:
                setattr(self, name, value.to(torch.get_default_dtype()))

    def gather_indexes(self, output: Tensor, gather_index: Tensor) -> Tensor:
        """RecBole's choice of one position, [B, H] of [B, L, H]; or all of them."""
        if self.fn_all_positions:
            return output
        picked: Tensor = super().gather_indexes(output, gather_index)
        return picked
