"""Counts of (row, item) pairs that no row remembers now, sorted, and merged once an epoch."""

import torch
from torch import Tensor

from recbole_fn.extraction.fading import halve
from recbole_fn.utils.places import key_type, stable_sort, true_places
from recbole_fn.utils.ragged import lower_bound, ragged_index

_MERGED = 1 << 20  # entries merged at a time: their 32-bit places and masks take 9 bytes each


class SettledCounts:
    """Counts of pairs, row after row and ascending by item within a row.

    A pair that is taken out leaves a gap, with the count 0, and fills it when it comes back. A pair
    without a gap waits, with the place where it belongs, until one of the waiting rows is visited
    again: in training that is once an epoch, when the first row of the next epoch comes. Then all
    are merged, from the last entries to the first, within the same tensors. An entry takes 6
    bytes, and tensors have at most 1.25 times the entries in use when they last grew.

    Args:
        num_rows: Rows of the training set.
        num_items: Size of the catalogue, the padding id included.
        device: Where the tensors are.

    Examples:
        >>> settled = SettledCounts(num_rows=3, num_items=10, device=torch.device("cpu"))
        >>> row, first = torch.tensor([2]), torch.tensor([0])
        >>> none = first[:0]
        >>> _ = settled.exchange(row, (none, none), (first, torch.tensor([7])), torch.tensor([5]))
        >>> settled.exchange(row, (first, torch.tensor([7])), (none, none), none)
        tensor([5], dtype=torch.int16)
    """

    def __init__(self, num_rows: int, num_items: int, device: torch.device) -> None:
        self.num_items = num_items
        self._starts = torch.zeros(num_rows + 1, dtype=torch.int64, device=device)
        self._items = torch.zeros(0, dtype=torch.int32, device=device)
        self._counts = torch.zeros(0, dtype=torch.int16, device=device)
        self._waits = torch.zeros(num_rows, dtype=torch.bool, device=device)
        self._waiting: list[tuple[Tensor, ...]] = []
        self._end = 0  # entries in use lie before it

    def exchange(
        self,
        rows: Tensor,
        taken: tuple[Tensor, Tensor],
        put: tuple[Tensor, Tensor],
        counts: Tensor,
    ) -> Tensor:
        """Takes pairs of some rows out and puts others of the same rows in.

        Args:
            rows: Row ids, distinct, shape [M].
            taken: Index of the row and item of each pair to take, each of shape [T].
            put: The same of each pair to put in, ascending by row, each of shape [P]; none of them
                is taken, or in already.
            counts: The counts of the latter, shape [P].

        Returns:
            The counts of the pairs that are taken, 0 for those that are not in, shape [T], int16.
        """
        if bool(self._waits[rows].any()):
            self.merge()
        owners, items = (torch.cat(pair) for pair in zip(taken, put, strict=True))  # each [T + P]
        at, is_in = self._find(rows, owners, items)
        num_taken = len(taken[0])
        found = self._take(at[:num_taken], is_in[:num_taken])
        self._put(rows, put, counts, at[num_taken:], is_in[num_taken:])
        return found

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows [M]: the index of a row, an item and its count, each of shape [entries]."""
        self.merge()
        begins = self._starts[rows]
        at, owner, _ = ragged_index(begins, self._starts[rows + 1] - begins)
        counts = self._counts[at]
        is_in = counts > 0
        return owner[is_in], self._items[at[is_in]], counts[is_in]

    def merge(self) -> None:
        """Puts the waiting pairs in their places."""
        if not self._waiting:
            return
        lengths, at, items, counts = _in_order(self._waiting, len(self._waits))
        self._waiting = []
        self._waits.zero_()
        self._grow(self._end + len(at))
        for begin in reversed(range(0, self._end + 1, _MERGED)):
            self._merge_part(begin, at, items, counts)
        self._end += len(at)
        self._starts[1:] += torch.cumsum(lengths, 0)

    def halve(self) -> None:
        """Halves all counts, rounded down; a pair whose count becomes 0 is forgotten."""
        self.merge()
        self._end = halve(self._starts, self._items, self._counts, _MERGED)

    def load(self, lengths: Tensor, items: Tensor, counts: Tensor) -> None:
        """Replaces all pairs.

        Args:
            lengths: Pairs of each row, shape [num_rows].
            items: Their items, row after row and ascending within a row, shape [pairs], int32.
            counts: Their counts, shape [pairs], int16.
        """
        self._waiting, self._end = [], len(items)
        self._waits.zero_()
        self._starts[1:] = torch.cumsum(lengths, 0)
        self._items, self._counts = items, counts

    def num_pairs(self) -> int:
        """Number of pairs."""
        waiting = sum(len(part[2]) for part in self._waiting)
        return int(torch.count_nonzero(self._counts[: self._end])) + waiting

    def num_bytes(self) -> int:
        """Bytes of all tensors."""
        waiting = [tensor for part in self._waiting for tensor in part]
        tensors = (self._starts, self._items, self._counts, self._waits, *waiting)
        return sum(tensor.nbytes for tensor in tensors)

    def _find(self, rows: Tensor, owners: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """The place of each pair or of the next greater one, and whether it has a place."""
        begins, ends = (self._starts[side].index_select(0, owners) for side in (rows, rows + 1))
        at = lower_bound(self._items, begins, ends, items)
        if self._end == 0:
            return at, torch.zeros_like(at, dtype=torch.bool)
        there = self._items.index_select(0, at.clamp_max(self._end - 1))
        return at, (at < ends) & (there == items)

    def _take(self, at: Tensor, is_in: Tensor) -> Tensor:
        known = true_places(is_in)
        places = at.index_select(0, known)
        counts = self._counts.new_zeros(len(at))
        counts.index_copy_(0, known, self._counts.index_select(0, places))
        self._counts.index_fill_(0, places, 0)
        return counts

    def _put(
        self,
        rows: Tensor,
        pairs: tuple[Tensor, Tensor],
        counts: Tensor,
        at: Tensor,
        has_gap: Tensor,
    ) -> None:
        gaps = true_places(has_gap)
        counts = counts.to(torch.int16)
        self._counts.index_copy_(0, at.index_select(0, gaps), counts.index_select(0, gaps))
        new = true_places(~has_gap)
        owners, items = (tensor.index_select(0, new) for tensor in pairs)
        keys = owners.to(key_type(len(rows) * self.num_items)) * self.num_items + items
        new = new.index_select(0, stable_sort(keys)[1])
        lengths = torch.bincount(owners, minlength=len(rows))
        waiting = (at, pairs[1].int(), counts)
        self._waiting.append((rows, lengths, *(part.index_select(0, new) for part in waiting)))
        self._waits[rows] = True

    def _grow(self, needed: int) -> None:
        if needed > len(self._items):
            size = 5 * needed // 4
            for name in ("_items", "_counts"):
                old = getattr(self, name)
                grown = old.new_empty(size)  # pages that nobody has written take no room
                grown[: self._end] = old[: self._end]
                setattr(self, name, grown)

    def _merge_part(self, begin: int, at: Tensor, items: Tensor, counts: Tensor) -> None:
        """Moves the entries from `begin` on, with the new ones that belong before each."""
        end = min(begin + _MERGED, self._end + 1)  # a new entry may belong behind all others
        first, last = torch.searchsorted(at, at.new_tensor([begin, end])).tolist()
        old_end = min(end, self._end)
        size = old_end - begin + last - first
        places = at[first:last] - begin + torch.arange(last - first, device=at.device)
        is_old = torch.ones(size, dtype=torch.bool, device=at.device)
        is_old.index_fill_(0, places, False)
        source = torch.cumsum(is_old, 0, dtype=torch.int32).sub_(1).clamp_(min=0)  # [size]
        for store, new in ((self._items, items), (self._counts, counts)):
            old = store[begin:old_end]
            merged = old.index_select(0, source) if len(old) else store.new_zeros(size)
            merged.index_copy_(0, places, new[first:last])
            store[begin + first : begin + first + size] = merged


def _in_order(
    waiting: list[tuple[Tensor, ...]], num_rows: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The number of pairs of each row [num_rows]; place, item and count of each pair, in order."""
    rows, lengths, *parts = (torch.cat(tensors) for tensors in zip(*waiting, strict=True))
    order = torch.argsort(rows)
    starts = torch.cumsum(lengths, 0) - lengths
    index, _, _ = ragged_index(starts[order], lengths[order])
    of_rows = torch.zeros(num_rows, dtype=torch.int64, device=rows.device)
    at, items, counts = (part.index_select(0, index) for part in parts)
    return of_rows.index_copy_(0, rows, lengths), at, items, counts
