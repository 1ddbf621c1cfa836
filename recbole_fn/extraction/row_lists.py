"""A list of items and counts for each training row, replaced as a whole when the row is visited."""

from typing import NamedTuple

import torch
from torch import Tensor

from recbole_fn.utils.ragged import ragged_index

_SPARE = 1024  # entries beyond the need, so that a small store is not rebuilt often
_PACKED = 1 << 16  # rows moved at a time: their 64-bit places take 7 times the room of the entries


class Lists(NamedTuple):
    """The lists of M rows, cut or padded to one width.

    Attributes:
        items: Item ids, shape [M, width], int32; anything behind the end of a list.
        counts: The entries' counts, shape [M, width], int16.
        is_entry: Where a list has an entry, shape [M, width], bool.

    Examples:
        >>> lists = Lists(*torch.tensor([[[7, 0]], [[2, 0]]]), torch.tensor([[True, False]]))
        >>> lists.items[lists.is_entry]
        tensor([7])
    """

    items: Tensor
    counts: Tensor
    is_entry: Tensor


class RowLists:
    """The lists, one after another in flat tensors, in the order in which they were written.

    `replace` appends; full tensors are compacted. An entry takes 6 bytes, and tensors have at most
    1.5 times the entries in use at the last compaction.

    Args:
        num_rows: Rows of the training set.
        device: Where the tensors are.

    Attributes:
        lengths: Entries of each row's list, shape [num_rows], int32.

    Examples:
        >>> lists = RowLists(num_rows=3, device=torch.device("cpu"))
        >>> lists.replace(torch.tensor([2]), torch.tensor([1]), *torch.tensor([[7], [5]]))
        >>> lists.read(torch.tensor([2]), width=2).is_entry
        tensor([[ True, False]])
    """

    def __init__(self, num_rows: int, device: torch.device) -> None:
        self.lengths = torch.zeros(num_rows, dtype=torch.int32, device=device)
        self._starts = torch.zeros(num_rows, dtype=torch.int64, device=device)
        self._items = torch.zeros(_SPARE, dtype=torch.int32, device=device)
        self._counts = torch.zeros(_SPARE, dtype=torch.int16, device=device)
        self._end = 0  # entries in use lie before it

    def read(self, rows: Tensor, width: int) -> Lists:
        """The lists of some rows, side by side.

        Args:
            rows: Row ids, shape [M].
            width: Entries of each row to read.
        """
        place = torch.arange(width, device=rows.device)
        at = (self._starts[rows].unsqueeze(1) + place).clamp_(max=len(self._items) - 1).view(-1)
        items, counts = self._items.index_select(0, at), self._counts.index_select(0, at)
        shape = len(rows), width
        is_entry = place < self.lengths[rows].unsqueeze(1)  # [M, width]
        return Lists(items.view(shape), counts.view(shape), is_entry)

    def replace(self, rows: Tensor, lengths: Tensor, items: Tensor, counts: Tensor) -> None:
        """Gives rows new lists.

        Args:
            rows: Row ids, distinct, shape [M].
            lengths: Entries of each new list, shape [M].
            items: The entries' items, row after row, shape [entries].
            counts: Their counts, shape [entries].
        """
        self.lengths[rows] = 0
        self._make_room(len(items))
        begin, self._end = self._end, self._end + len(items)
        self._starts[rows] = begin + torch.cumsum(lengths, 0) - lengths  # [M]
        self.lengths[rows] = lengths.int()
        self._items[begin : self._end], self._counts[begin : self._end] = items, counts

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows [M]: the index of a row, an item and its count, each of shape [entries]."""
        at, owner, _ = ragged_index(self._starts[rows], self.lengths[rows].long())
        return owner, self._items[at], self._counts[at]

    def load(self, lengths: Tensor, items: Tensor, counts: Tensor) -> None:
        """Replaces all lists.

        Args:
            lengths: Entries of each list, shape [num_rows], int32.
            items: The entries' items, row after row, shape [entries].
            counts: Their counts, shape [entries].
        """
        self.lengths = lengths
        self._replace_all(items, counts, 0)

    def num_bytes(self) -> int:
        """Bytes of all tensors."""
        tensors = (self.lengths, self._starts, self._items, self._counts)
        return sum(tensor.nbytes for tensor in tensors)

    def _make_room(self, wanted: int) -> None:
        if self._end + wanted > len(self._items):
            self._replace_all(*self._packed(), wanted)

    def _packed(self) -> tuple[Tensor, Tensor]:
        rows = torch.arange(len(self.lengths), device=self.lengths.device)
        parts = [self.entries(part)[1:] for part in rows.split(_PACKED)]
        items, counts = zip(*parts, strict=True)
        return torch.cat(items), torch.cat(counts)

    def _replace_all(self, items: Tensor, counts: Tensor, wanted: int) -> None:
        """Moves compact entries into new tensors with room for half as many again."""
        self._end = len(items)
        size = 3 * (len(items) + wanted) // 2 + _SPARE
        self._items = torch.zeros(size, dtype=torch.int32, device=items.device)
        self._counts = torch.zeros(size, dtype=torch.int16, device=items.device)
        self._items[: self._end], self._counts[: self._end] = items, counts
        self._starts = torch.cumsum(self.lengths, 0) - self.lengths
