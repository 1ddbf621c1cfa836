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


def lower_bound(values: Tensor, begins: Tensor, ends: Tensor, bounds: Tensor) -> Tensor:
    """The first place in each range whose value is at least a bound; the range's end if none is.

    `torch.searchsorted` in parts of one array, each with a bound of its own.

    Args:
        values: Values that ascend within each range, shape [values].
        begins: Where each range begins, shape [ranges].
        ends: Where each range ends, shape [ranges].
        bounds: The bound of each range, shape [ranges].

    Returns:
        The places in `values`, shape [ranges].

    Example:
        >>> values = torch.tensor([3, 5, 5, 9, 1, 2])  # two ranges
        >>> lower_bound(values, torch.tensor([0, 4]), torch.tensor([4, 6]), torch.tensor([5, 7]))
        tensor([1, 6])
    """
    longest = int((ends - begins).max()) if len(begins) else 0
    low, ends = begins, ends
    if len(values) + longest < torch.iinfo(torch.int32).max:
        low, ends = begins.int(), ends.int()  # half as many bytes to move
    low = low.clone()
    for step in reversed([1 << bit for bit in range(longest.bit_length())]):
        at = low + (step - 1)
        below = values.index_select(0, at.clamp_max(len(values) - 1)) < bounds
        low.add_(below.logical_and_(at < ends), alpha=step)
    return low.to(begins.dtype)
