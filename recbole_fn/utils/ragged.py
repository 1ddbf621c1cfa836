"""Rows of different lengths, stored one after another in a flat tensor."""

import torch
from torch import Tensor


def ragged_index(starts: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lists the positions of the entries of some rows in the flat tensor.

    Args:
        starts: Where each row begins in the flat tensor, shape [rows].
        lengths: Entries of each row, shape [rows].

    Returns:
        For each entry, row after row: its position in the flat tensor, its row, and its place
        within that row; each of shape [entries].

    Example:
        >>> at, row, place = ragged_index(torch.tensor([5, 0]), torch.tensor([2, 3]))
        >>> at.tolist(), row.tolist(), place.tolist()
        ([5, 6, 0, 1, 2], [0, 0, 1, 1, 1], [0, 1, 0, 1, 2])
    """
    owner = torch.repeat_interleave(lengths)  # [entries]
    first = torch.cumsum(lengths, 0) - lengths  # [rows]
    within = torch.arange(len(owner), device=starts.device) - first.index_select(0, owner)
    return starts.index_select(0, owner) + within, owner, within


def padded(values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Pads rows with zeros to the length of the longest.

    Args:
        values: The entries, row after row, shape [entries].
        lengths: Entries of each row, shape [rows]; they add up to `entries`.

    Returns:
        The rows, and a mask of where they hold an entry; both of shape [rows, longest].

    Example:
        >>> rows, is_entry = padded(torch.tensor([7, 8, 9]), torch.tensor([1, 2]))
        >>> rows
        tensor([[7, 0],
                [8, 9]])
        >>> is_entry.sum(1)
        tensor([1, 2])
    """
    column = torch.arange(int(lengths.max()), device=lengths.device)
    is_entry = column < lengths.unsqueeze(1)  # [rows, longest]
    rows = values.new_zeros(is_entry.shape).masked_scatter_(is_entry, values)
    return rows, is_entry
