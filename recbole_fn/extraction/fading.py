"""Halves counts and forgets those that come to nothing, within their own tensors."""

import torch
from torch import Tensor

from recbole_fn.utils.places import true_places


def halve(starts: Tensor, items: Tensor, counts: Tensor, part: int = 1 << 20) -> int:
    """Halves all counts, rounded down, and closes the gaps of those that become 0.

    Args:
        starts: Where the pairs of each row begin, and the end of all, shape [rows + 1]; changed.
        items: Items, row after row, shape [at least the end]; changed.
        counts: Their counts, of the same shape; changed.
        part: Pairs at a time, so that little memory is needed beside the tensors.

    Returns:
        The number of pairs that are left.

    Examples:
        >>> starts, items = torch.tensor([0, 2, 3]), torch.tensor([7, 8, 7])
        >>> counts = torch.tensor([1, 5, 2], dtype=torch.int16)
        >>> left = halve(starts, items, counts)
        >>> starts, items[:left], counts[:left]
        (tensor([0, 1, 2]), tensor([8, 7]), tensor([2, 1], dtype=torch.int16))
    """
    old_starts, end, left = starts.clone(), int(starts[-1]), 0
    for begin in range(0, end, part):
        stop = min(begin + part, end)
        halved = counts[begin:stop] >> 1
        is_left = halved > 0
        rows = slice(*torch.searchsorted(old_starts, starts.new_tensor([begin, stop])).tolist())
        before = torch.cumsum(is_left, 0) - is_left.long()  # pairs left before each, [stop - begin]
        starts[rows] = left + before.index_select(0, old_starts[rows] - begin)
        at = true_places(is_left)
        for tensor, new in ((items, items[begin:stop]), (counts, halved)):
            tensor[left : left + len(at)] = new.index_select(0, at)
        left += len(at)
    starts[torch.searchsorted(old_starts, end) :] = left
    return left
