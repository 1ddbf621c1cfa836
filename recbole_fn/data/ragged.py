"""Indexing into rows of different lengths that lie one after the other in a flat tensor."""

import torch
from torch import Tensor


def ragged_index(starts: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Spells out where the entries of some rows lie.

    Args:
        starts: Where each row begins in the flat tensor, shape [M].
        lengths: Entries of each row, shape [M].

    Returns:
        For each of the E entries, row after row: its place in the flat tensor, which of the M
        rows it belongs to, and its place within that row; each of shape [E].
    """
    owner = torch.repeat_interleave(lengths)
    first = torch.cumsum(lengths, 0) - lengths
    within = torch.arange(len(owner), device=starts.device) - first.index_select(0, owner)
    return starts.index_select(0, owner) + within, owner, within
