"""Draws that repeat an item which the row remembers."""

import torch
from torch import Tensor

_LARGEST = 1 << 25  # marks, of a byte each


class RepeatFinder:
    """Finds draws that equal a remembered item of their own row.

    A pair of row and item has a mark, at the pair's place where there are marks enough and at its
    last bits otherwise; then what is marked is looked up. The marks are kept from step to
    step, and those that a step has set are taken away again, so a step costs what its pairs cost.
    """

    def __init__(self) -> None:
        self._marks = torch.zeros(0, dtype=torch.bool)

    def __call__(self, remembered: Tensor, drawn: Tensor, num_pairs: int) -> Tensor:
        """Which draws are remembered.

        Args:
            remembered: Pairs `row * num_items + item`, shape [R].
            drawn: Pairs as well, shape [D].
            num_pairs: Every pair is below it.

        Returns:
            Which of the draws are among the remembered pairs, shape [D], bool.
        """
        marks = self._enough_marks(num_pairs, remembered.device)
        last_bits = len(marks) - 1
        places = remembered & last_bits
        marks.index_fill_(0, places, True)
        repeats = marks.index_select(0, (drawn & last_bits).view(-1)).view(drawn.shape)
        marks.index_fill_(0, places, False)
        if num_pairs > len(marks):
            repeats[repeats.clone()] = torch.isin(drawn[repeats], remembered)
        return repeats

    def _enough_marks(self, num_pairs: int, device: torch.device) -> Tensor:
        size = min(1 << max(num_pairs - 1, 1).bit_length(), _LARGEST)
        if len(self._marks) < size or self._marks.device != device:
            self._marks = torch.zeros(size, dtype=torch.bool, device=device)
        return self._marks
