"""The pairs of a row and an item that a memory holds, spelled out."""

from typing import NamedTuple

import torch
from torch import Tensor

from recbole_fn.utils.ragged import ragged_index


class CountedPairs(NamedTuple):
    """What the rows of a memory hold.

    Attributes:
        rows: Row of each pair, shape [E].
        items: Item of each pair, shape [E].
        counts: Visits in which the row remembered the item, shape [E].
        is_hard: Whether the row remembers the item now, shape [E], bool.
    """

    rows: Tensor
    items: Tensor
    counts: Tensor
    is_hard: Tensor


def counted_pairs(state: dict[str, Tensor]) -> CountedPairs:
    """Spells out the state of a memory.

    Args:
        state: `HardNegativeMemory.state_dict()`.
    """
    lengths = state["lengths"].long()
    starts = torch.cumsum(lengths, 0) - lengths
    at, rows, within = ragged_index(starts, lengths)
    is_hard = within < state["hard_lengths"][rows]
    return CountedPairs(rows, state["items"][at].long(), state["counts"][at].long(), is_hard)
