"""Extends RecBole's sequential models by what windowed training needs."""

import torch
from recbole.model.abstract_recommender import SequentialRecommender
from torch import Tensor

from recbole_fn.config.switch import SwitchedOn
from recbole_fn.utils.recbole_types import Config, Dataset


class FNRecommender(SwitchedOn, SequentialRecommender):
    """Lets a sequential model of RecBole return its encodings of all positions.

    Attributes:
        fn_all_positions: While True, `gather_indexes` returns all positions instead of the last,
            and so does `forward` of a model that uses it: [entries, length, hidden].

    Example:
        >>> class Model(FNRecommender):
        ...     def __init__(self): torch.nn.Module.__init__(self)
        >>> model, states, last = Model(), torch.zeros(2, 5, 8), torch.tensor([4, 1])
        >>> model.gather_indexes(states, last).shape
        torch.Size([2, 8])
        >>> model.fn_all_positions = True
        >>> model.gather_indexes(states, last).shape
        torch.Size([2, 5, 8])
    """

    fn_all_positions: bool = False

    def __init__(self, config: Config, dataset: Dataset) -> None:
        super().__init__(config, dataset)
        # RecBole reads pretrained vectors as float64; KSR keeps its relations in it, and fails.
        for name, value in vars(self).items():
            if isinstance(value, Tensor) and value.dtype == torch.float64:
                setattr(self, name, value.to(torch.get_default_dtype()))

    def gather_indexes(self, output: Tensor, gather_index: Tensor) -> Tensor:
        """Selects a position, [entries, hidden] of [entries, length, hidden], or all of them.

        Args:
            output: Encodings, shape [entries, length, hidden].
            gather_index: The position of each entry, shape [entries].
        """
        if self.fn_all_positions:
            return output
        selected: Tensor = super().gather_indexes(output, gather_index)
        return selected
