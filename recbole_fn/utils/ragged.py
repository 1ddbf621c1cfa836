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


def padded(values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Lists that lie one after the other, as rows padded with zeros.

    Args:
        values: The lists' elements, shape [E].
        lengths: Their lengths, adding up to E, shape [R].

    Returns:
        The rows, and where they hold an element, both [R, K] for the longest of K elements.
    """
    column = torch.arange(int(lengths.max()), device=lengths.device)
    is_element = column < lengths.unsqueeze(1)
    rows = values.new_zeros(is_element.shape).masked_scatter_(is_element, values)
    return rows, is_element
