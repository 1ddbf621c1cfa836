"""The (row, item) pairs that a memory holds, as flat tensors."""

from typing import NamedTuple

from torch import Tensor, cumsum

from recbole_fn.utils.ragged import ragged_index


class CountedPairs(NamedTuple):
    """The pairs of a memory, row after row.

    Attributes:
        rows: Row of each pair, shape [E].
        items: Item of each pair, shape [E].
        counts: Steps on the row in which the item was remembered, shape [E].
        is_hard: Whether the row remembers the item now, shape [E], bool.

    Examples:
        >>> import torch
        >>> rows, items, counts = torch.tensor([[0, 0], [7, 9], [2, 0]])
        >>> pairs = CountedPairs(rows, items, counts, torch.tensor([True, False]))
        >>> pairs.items[pairs.is_hard]
        tensor([7])
    """

    rows: Tensor
    items: Tensor
    counts: Tensor
    is_hard: Tensor


def counted_pairs(state: dict[str, Tensor]) -> CountedPairs:
    """Expands the state of a memory into pairs.

    Args:
        state: `HardNegativeMemory.state_dict()`.

    Examples:
        >>> import torch
        >>> from recbole_fn.extraction.memory import HardNegativeMemory
        >>> memory = HardNegativeMemory(num_rows=3, num_items=10, flip_after=2)
        >>> memory.update(torch.tensor([2]), torch.tensor([[7, 9]]), torch.tensor([[True, False]]))
        >>> pairs = counted_pairs(memory.state_dict())
        >>> pairs.rows, pairs.items
        (tensor([2]), tensor([7]))
    """
    lengths = state["lengths"].long()
    starts = cumsum(lengths, 0) - lengths  # [rows]
    entries, rows, offsets = ragged_index(starts, lengths)  # each [E]
    is_hard = offsets < state["hard_lengths"][rows]
    items, counts = state["items"][entries].long(), state["counts"][entries].long()
    return CountedPairs(rows, items, counts, is_hard)
