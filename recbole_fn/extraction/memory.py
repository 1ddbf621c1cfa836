"""The memory of hard negatives of each training row, and how often each was remembered.

UFNRec (arXiv 2208.04116), section 3.2 and Algorithm 1.
"""

import torch
from torch import Tensor

from recbole_fn.extraction.matching import match_pairs
from recbole_fn.utils.ragged import ragged_index
from recbole_fn.utils.recbole_types import Device

_MAX_COUNT = torch.iinfo(torch.int16).max
_MOST = torch.iinfo(torch.int32).max
_SPARE = 1024  # entries beyond the need, so that a small memory is not rebuilt often
_PACKED = 1 << 16  # rows moved at a time: their 64-bit places take 7 times the room of the entries


class HardNegativeMemory:
    """Hard negatives and their counts, row by row, in flat tensors (arXiv 2208.04116, Algorithm 1).

    A step on a row calls `inject_remembered`, then `update`. A row's entries are contiguous: first
    its hard negatives in slot order, then items that were hard before and keep their count.
    `update` appends them anew; full tensors are compacted, about twice an epoch. An entry takes 6
    bytes, and tensors have at most 1.5 times the entries in use at the last compaction: about 9
    bytes for a remembered pair, and 16 for a row.

    Args:
        num_rows: Rows of the training set.
        num_items: Size of the catalogue, the padding id included.
        flip_after: m, in steps on the row: an item is extracted when its count exceeds m.
        device: Where the tensors are.

    Examples:
        >>> memory = HardNegativeMemory(num_rows=2, num_items=10, flip_after=0)
        >>> row = torch.tensor([1])
        >>> memory.update(row, torch.tensor([[7, 9]]), hard=torch.tensor([[False, True]]))
        >>> items, extracted, lengths = memory.inject_remembered(row, torch.tensor([[3, 4]]))
        >>> items, extracted, lengths
        (tensor([[9, 4]]), tensor([[ True, False]]), tensor([1]))
    """

    def __init__(
        self, num_rows: int, num_items: int, flip_after: int, device: Device = "cpu"
    ) -> None:
        self.num_rows, self.num_items, self.flip_after = num_rows, num_items, flip_after
        self.device = torch.device(device)
        self._starts = torch.zeros(num_rows, dtype=torch.int64, device=self.device)
        self._lengths = torch.zeros(num_rows, dtype=torch.int32, device=self.device)
        self._hard_lengths = torch.zeros(num_rows, dtype=torch.int32, device=self.device)
        self._items = torch.zeros(_SPARE, dtype=torch.int32, device=self.device)
        self._counts = torch.zeros(_SPARE, dtype=torch.int16, device=self.device)
        self._end = 0  # entries in use lie before it

    def inject_remembered(self, rows: Tensor, negatives: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Puts the remembered items into the first slots of their rows and counts them.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: Drawn items, shape [M, N].

        Returns:
            The negatives with the remembered items in place, shape [M, N]; which of them
            are extracted, that is remembered in more than m steps, shape [M, N], bool; and how
            many slots of each row hold a remembered item, shape [M].

        Raises:
            ValueError: if a row occurs twice: its two steps would not see each other.
        """
        if len(torch.unique(rows)) != len(rows):
            raise ValueError("a row occurs twice in one batch; it must be in separate batches")
        lengths = self._hard_lengths[rows].long().clamp_(max=negatives.shape[1])
        at, owner, slot = ragged_index(self._starts[rows], lengths)  # each [R], R = lengths.sum()
        self._counts[at] += self._counts[at] < _MAX_COUNT
        negatives = negatives.clone()
        negatives[owner, slot] = self._items[at].long()
        extracted = torch.zeros_like(negatives, dtype=torch.bool)
        extracted[owner, slot] = self._counts[at] > self.flip_after
        return negatives, extracted, lengths

    def update(self, rows: Tensor, negatives: Tensor, hard: Tensor) -> None:
        """Lets the rows remember the items of their hard slots, each item once.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: Items as `inject_remembered` returned them, shape [M, N].
            hard: Which slots are to be remembered, shape [M, N], bool.
        """
        at, old_owner, _ = ragged_index(self._starts[rows], self._lengths[rows].long())
        new_owner, slot = hard.nonzero(as_tuple=True)  # each [K]
        old_items, new_items = self._items.index_select(0, at), negatives[new_owner, slot].int()
        keys = torch.int32 if len(rows) * self.num_items <= _MOST else torch.int64  # to sort faster
        old, new = old_owner.to(keys) * self.num_items, new_owner.to(keys) * self.num_items
        first, partner = match_pairs(old + old_items, new + new_items)  # each [D]
        known = (partner >= 0).nonzero().squeeze(1)  # of D, those that have a count
        matched = partner.index_select(0, known)  # [matched], places among the old ones
        old_counts = self._counts.index_select(0, at)
        counts = old_counts.new_zeros(len(first)).index_copy_(0, known, old_counts[matched])  # [D]
        is_other = torch.ones_like(at, dtype=torch.bool).index_fill_(0, matched, False)
        others = is_other.nonzero().squeeze(1)  # old entries that are not hard now
        self._write(
            rows,
            (new_owner.index_select(0, first), old_owner.index_select(0, others)),
            torch.cat([new_items.index_select(0, first), old_items.index_select(0, others)]),
            torch.cat([counts, old_counts.index_select(0, others)]),
        )

    def num_remembered(self) -> int:
        """Hard negatives remembered now, over all rows."""
        return int(self._hard_lengths.sum())

    def num_pairs(self) -> int:
        """(row, item) pairs that hold a count or are remembered now."""
        return int(self._lengths.sum())

    def num_bytes(self) -> int:
        """Bytes of all tensors of this memory."""
        tensors = (self._starts, self._lengths, self._hard_lengths, self._items, self._counts)
        return sum(tensor.nbytes for tensor in tensors)

    def hard_negatives(self, row: int) -> list[int]:
        """The items that a row remembers, in slot order."""
        start = int(self._starts[row])
        return self._items[start : start + int(self._hard_lengths[row])].tolist()

    def count(self, row: int, item: int) -> int:
        """In how many steps on a row an item was remembered."""
        _, items, counts = self.entries(torch.tensor([row], device=self.device))
        return int(counts[items == item].sum())

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows [rows]: the index of a row, an item and its count, each of shape [entries]."""
        at, owner, _ = ragged_index(self._starts[rows], self._lengths[rows].long())
        return owner, self._items[at].long(), self._counts[at]

    def state_dict(self) -> dict[str, Tensor]:
        """Copies of the tensors, compacted."""
        items, counts = self._packed()
        return {
            "lengths": self._lengths.clone(),
            "hard_lengths": self._hard_lengths.clone(),
            "items": items,
            "counts": counts,
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned.

        Raises:
            ValueError: if the state is of another number of rows.
        """
        if (rows := len(state["lengths"])) != self.num_rows:
            raise ValueError(f"the memory has {self.num_rows} rows, the state {rows}")
        self._lengths = state["lengths"].to(self.device, copy=True)
        self._hard_lengths = state["hard_lengths"].to(self.device, copy=True)
        self._replace(state["items"].to(self.device), state["counts"].to(self.device), 0)

    def _write(
        self, rows: Tensor, owners: tuple[Tensor, Tensor], items: Tensor, counts: Tensor
    ) -> None:
        """Writes the rows' entries behind all others; those of `owners[0]` are hard."""
        hard, other = (torch.bincount(owner, minlength=len(rows)) for owner in owners)  # each [M]
        lengths = hard + other
        self._lengths[rows] = 0
        self._make_room(len(items))
        self._starts[rows] = self._end + torch.cumsum(lengths, 0) - lengths  # [M]
        self._lengths[rows], self._hard_lengths[rows] = lengths.int(), hard.int()
        # An entry comes after all entries of its kind before it, and after the other kind's of
        # earlier rows; if it is not hard, also after the hard ones of its own row.
        before = (torch.cumsum(other, 0) - other, torch.cumsum(hard, 0))  # each [M]
        ordinals = [torch.arange(len(owner), device=self.device) for owner in owners]
        place = self._end + torch.cat(
            [n + b[owner] for n, b, owner in zip(ordinals, before, owners, strict=False)]
        )
        self._items[place], self._counts[place] = items, counts
        self._end += len(items)

    def _make_room(self, wanted: int) -> None:
        if self._end + wanted > len(self._items):
            items, counts = self._packed()
            self._replace(items, counts, wanted)

    def _packed(self) -> tuple[Tensor, Tensor]:
        items, counts = [], []
        for starts, lengths in zip(
            self._starts.split(_PACKED), self._lengths.split(_PACKED), strict=False
        ):
            at, _, _ = ragged_index(starts, lengths.long())  # [entries of these rows]
            items.append(self._items[at])
            counts.append(self._counts[at])
        return torch.cat(items), torch.cat(counts)

    def _replace(self, items: Tensor, counts: Tensor, wanted: int) -> None:
        """Moves compact entries into new tensors with room for half as many again."""
        self._end = len(items)
        size = 3 * (len(items) + wanted) // 2 + _SPARE
        self._items = torch.zeros(size, dtype=torch.int32, device=self.device)
        self._counts = torch.zeros(size, dtype=torch.int16, device=self.device)
        self._items[: self._end], self._counts[: self._end] = items, counts
        self._starts = torch.cumsum(self._lengths, 0) - self._lengths
