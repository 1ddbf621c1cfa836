"""Separates the saved pairs of a memory into those that are hard and the others."""

import torch
from torch import Tensor

from recbole_fn.utils.ragged import ragged_index

_ROWS = 1 << 13  # rows separated at a time: 64-bit keys take several times the room of the pairs

Pairs = tuple[Tensor, Tensor]
"""Items and counts, row after row."""


def separated(state: dict[str, Tensor], num_items: int) -> tuple[Pairs, Pairs]:
    """The hard pairs in slot order, and the others in the order of their items within a row.

    Args:
        state: `HardNegativeMemory.state_dict()`, of this edition or an earlier one.
        num_items: Size of the catalogue, the padding id included.

    Examples:
        A row remembers item 7, and keeps the counts of items 5 and 4:

        >>> names = ("lengths", "hard_lengths", "items", "counts")
        >>> state = dict(zip(names, map(torch.tensor, ([3], [1], [7, 5, 4], [1, 2, 3]))))
        >>> separated(state, num_items=9)[1]
        (tensor([4, 5]), tensor([3, 2]))
    """
    hard: list[Pairs] = []
    others: list[Pairs] = []
    begin = 0
    sizes = (state[name].split(_ROWS) for name in ("lengths", "hard_lengths"))
    for lengths, hard_lengths in zip(*sizes, strict=True):
        end, num_hard = begin + int(lengths.sum()), int(hard_lengths.sum())
        items, counts = state["items"][begin:end], state["counts"][begin:end]
        order = _order(lengths, hard_lengths, items, num_items)
        hard.append((items[order[:num_hard]], counts[order[:num_hard]]))
        others.append((items[order[num_hard:]], counts[order[num_hard:]]))
        begin = end
    return _joined(hard), _joined(others)


def _order(lengths: Tensor, hard_lengths: Tensor, items: Tensor, num_items: int) -> Tensor:
    """The places of the hard pairs as they are, then of the others by row and item."""
    _, owner, place = ragged_index(torch.zeros_like(lengths), lengths.long())
    is_hard = place < hard_lengths.index_select(0, owner)  # [pairs]
    keys = torch.where(is_hard, -1, owner * num_items + items)
    return torch.argsort(keys, stable=True)


def _joined(parts: list[Pairs]) -> Pairs:
    items, counts = zip(*parts, strict=True)
    return torch.cat(items), torch.cat(counts)
