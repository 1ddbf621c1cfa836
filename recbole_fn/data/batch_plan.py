"""Plans the batches of an epoch: windows of similar length, about equally many rows each."""

from collections.abc import Iterator, Sequence, Sized
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor


class Batches(Sized, Protocol):
    """The row ids of each batch of an epoch, in order.

    Example:
        >>> batches: Batches = [[0, 2], [1, 3]]
        >>> len(batches)
        2
    """

    def __iter__(self) -> Iterator[Sequence[int]]: ...


class Rest:
    """An order of batches without the first ones.

    Args:
        batches: All batches.
        left_out: How many to leave out.

    Example:
        >>> list(Rest([[0, 2], [1, 3]], left_out=1))
        [[1, 3]]
    """

    def __init__(self, batches: Batches, left_out: int) -> None:
        self.batches, self.left_out = batches, left_out

    def __iter__(self) -> Iterator[Sequence[int]]:
        return islice(iter(self.batches), self.left_out, None)

    def __len__(self) -> int:
        return len(self.batches) - self.left_out


def plan_batches(
    order: Tensor, lengths: Tensor, num_rows: Tensor, num_batches: int, pool: int
) -> tuple[Tensor, ...]:
    """Groups windows into batches of similar length with about equally many rows.

    Args:
        order: The windows in random order, shape [windows].
        lengths: Items in the history of each window, shape [windows].
        num_rows: Rows of each window, shape [windows].
        num_batches: Number of batches; a batch must hold the largest window.
        pool: How many consecutive windows of `order` are sorted by length together.

    Returns:
        The windows of each batch; no batch is empty.

    Example:
        >>> lengths = torch.tensor([9, 2, 8, 3])
        >>> plan_batches(torch.arange(4), lengths, torch.ones(4).long(), num_batches=2, pool=4)
        (tensor([1, 3]), tensor([2, 0]))
    """
    pools = torch.arange(len(order)) // pool
    longest = int(lengths.max()) + 1
    order = order[torch.argsort(pools * longest + lengths[order], stable=True)]
    begins = torch.cumsum(num_rows[order], 0) - num_rows[order]
    batch = torch.div(begins * num_batches, num_rows.sum(), rounding_mode="floor")  # [windows]
    sizes = torch.bincount(batch, minlength=num_batches)
    batches: tuple[Tensor, ...] = order.split(sizes.tolist())
    return batches
