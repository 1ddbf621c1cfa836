"""Finds drawn items that the row already remembers."""

import torch
from torch import Tensor

_LARGEST = 1 << 25  # marks, one byte each


class RepeatFinder:
    """Finds draws that equal a remembered item of the same row.

    Each pair of a row and an item has a mark, addressed by the last bits of the pair's number. If
    there are fewer marks than pairs, marked draws are looked up. The table of marks is reused:
    a call clears the marks that it set, so its cost depends only on the pairs of the call.

    Attributes:
        marks: The table, bool; between calls no mark is set.

    Example:
        Row 0 of a catalogue of 10 remembers item 4 and draws it again:

        >>> find_repeats = RepeatFinder()
        >>> find_repeats(torch.tensor([4]), torch.tensor([[4, 7], [14, 17]]), num_pairs=20)
        tensor([[ True, False],
                [False, False]])
    """

    def __init__(self) -> None:
        self.marks = torch.zeros(0, dtype=torch.bool)

    def __call__(self, remembered: Tensor, drawn: Tensor, num_pairs: int) -> Tensor:
        """Compares draws with remembered pairs.

        Args:
            remembered: Pairs `row * num_items + item`, shape [remembered].
            drawn: Pairs in the same form, of any shape.
            num_pairs: An upper bound of the pairs' numbers, exclusive.

        Returns:
            Mask of the draws among the remembered pairs, bool, shaped as `drawn`.
        """
        marks = self._enough_marks(num_pairs, remembered.device)
        last_bits = len(marks) - 1
        places = remembered & last_bits  # [remembered]
        marks.index_fill_(0, places, True)
        repeats = marks.index_select(0, (drawn & last_bits).view(-1)).view(drawn.shape)
        marks.index_fill_(0, places, False)
        if num_pairs > len(marks):
            repeats[repeats.clone()] = torch.isin(drawn[repeats], remembered)
        return repeats

    def _enough_marks(self, num_pairs: int, device: torch.device) -> Tensor:
        size = min(1 << max(num_pairs - 1, 1).bit_length(), _LARGEST)
        if len(self.marks) < size or self.marks.device != device:
            self.marks = torch.zeros(size, dtype=torch.bool, device=device)
        return self.marks
