"""What each training row remembers: its hard negatives, and how often each was remembered.

UFNRec (arXiv 2208.04116), section 3.2 and Algorithm 1.
"""

from typing import Any

import torch
from torch import Tensor

from recbole_fn.extraction.matching import match_pairs
from recbole_fn.utils.ragged import ragged_index

_MAX_COUNT = torch.iinfo(torch.int16).max
_MOST = torch.iinfo(torch.int32).max
_SPARE = 1024  # entries allocated beyond the need, so that a small memory is not rebuilt often
_PACKED = 1 << 16  # rows moved at a time: their 64-bit places take 7 times the room of the entries


class HardNegativeMemory:
    """Remembers hard negatives and counts, row by row, in flat tensors.

    The entries of a row lie together: first its hard negatives in slot order, then the items
    that were hard before and keep their count. A visit writes the row's entries anew behind
    all others; when the tensors are full, the rows' current entries are moved together. An
    entry takes 6 bytes and the tensors are at most 1.5 times as long as the entries in use
    were when they were last moved (plus a constant), hence about 9 bytes for each remembered
    pair, and 16 bytes for each row. An epoch writes every row once, so it moves all entries
    about twice.

    The same code runs on a CPU and on a GPU.

    Args:
        num_rows: Rows of the training set.
        num_items: Size of the catalogue, the padding id included.
        flip_after: m, in visits: an item is flipped when its count exceeds m.
        device: Where the memory lives and answers.
    """

    def __init__(self, num_rows: int, num_items: int, flip_after: int, device: Any = "cpu") -> None:
        self.num_rows, self.num_items, self.flip_after = num_rows, num_items, flip_after
        self.device = torch.device(device)
        self._starts = torch.zeros(num_rows, dtype=torch.int64, device=self.device)
        self._lengths = torch.zeros(num_rows, dtype=torch.int32, device=self.device)
        self._hard_lengths = torch.zeros(num_rows, dtype=torch.int32, device=self.device)
        self._items = torch.zeros(_SPARE, dtype=torch.int32, device=self.device)
        self._counts = torch.zeros(_SPARE, dtype=torch.int16, device=self.device)
        self._end = 0  # entries in use lie before it

    def inject_remembered(self, rows: Tensor, negatives: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Begins a visit: puts the remembered items into the first slots and counts them.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: Drawn items, shape [M, N].

        Returns:
            The negatives with the remembered items in place, shape [M, N]; which of them
            are flipped, that is remembered in more than m visits, shape [M, N], bool; and how
            many slots of each row hold a remembered item, shape [M].

        Raises:
            ValueError: if a row occurs twice; its two visits would not see each other.
        """
        if len(torch.unique(rows)) != len(rows):
            raise ValueError("a row occurs twice in one batch; visit it in separate batches")
        lengths = self._hard_lengths[rows].long().clamp_(max=negatives.shape[1])
        at, owner, slot = ragged_index(self._starts[rows], lengths)
        self._counts[at] += self._counts[at] < _MAX_COUNT
        negatives = negatives.clone()
        negatives[owner, slot] = self._items[at].long()
        flipped = torch.zeros_like(negatives, dtype=torch.bool)
        flipped[owner, slot] = self._counts[at] > self.flip_after
        return negatives, flipped, lengths

    def update(self, rows: Tensor, negatives: Tensor, hard: Tensor) -> None:
        """Ends a visit: the rows remember the items of their hard slots, each item once.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: Items as `recall` returned them, shape [M, N].
            hard: Which slots are to be remembered, shape [M, N], bool.
        """
        at, old_owner, _ = ragged_index(self._starts[rows], self._lengths[rows].long())
        new_owner, slot = hard.nonzero(as_tuple=True)
        old_items, new_items = self._items.index_select(0, at), negatives[new_owner, slot].int()
        keys = torch.int32 if len(rows) * self.num_items <= _MOST else torch.int64  # to sort faster
        old, new = old_owner.to(keys) * self.num_items, new_owner.to(keys) * self.num_items
        first, partner = match_pairs(old + old_items, new + new_items)
        known = (partner >= 0).nonzero().squeeze(1)
        matched = partner.index_select(0, known)
        old_counts = self._counts.index_select(0, at)
        counts = old_counts.new_zeros(len(first)).index_copy_(0, known, old_counts[matched])
        kept = torch.ones_like(at, dtype=torch.bool).index_fill_(0, matched, False)
        kept = kept.nonzero().squeeze(1)
        self._write(
            rows,
            (new_owner.index_select(0, first), old_owner.index_select(0, kept)),
            torch.cat([new_items.index_select(0, first), old_items.index_select(0, kept)]),
            torch.cat([counts, old_counts.index_select(0, kept)]),
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
        """In how many visits of a row an item was remembered."""
        start = int(self._starts[row])
        entries = slice(start, start + int(self._lengths[row]))
        return int(self._counts[entries][self._items[entries] == item].sum())

    def state_dict(self) -> dict[str, Tensor]:
        """The memory as plain tensors, without gaps; they share nothing with the memory."""
        items, counts = self._packed()
        return {
            "lengths": self._lengths.clone(),
            "hard_lengths": self._hard_lengths.clone(),
            "items": items,
            "counts": counts,
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Takes over what `state_dict` returned.

        Raises:
            ValueError: if the state is of another number of rows.
        """
        if len(state["lengths"]) != self.num_rows:
            raise ValueError(
                f"the memory has {self.num_rows} rows, the state has {len(state['lengths'])}"
            )
        self._lengths = state["lengths"].to(self.device, copy=True)
        self._hard_lengths = state["hard_lengths"].to(self.device, copy=True)
        self._replace(state["items"].to(self.device), state["counts"].to(self.device), 0)

    def _write(
        self, rows: Tensor, owners: tuple[Tensor, Tensor], items: Tensor, counts: Tensor
    ) -> None:
        """Writes the rows' entries behind all others; those of `owners[0]` are hard."""
        hard, kept = (torch.bincount(owner, minlength=len(rows)) for owner in owners)
        lengths = hard + kept
        self._lengths[rows] = 0
        self._make_room(len(items))
        self._starts[rows] = self._end + torch.cumsum(lengths, 0) - lengths
        self._lengths[rows], self._hard_lengths[rows] = lengths.int(), hard.int()
        # An entry stands behind those of its kind, and behind the other kind's of earlier rows;
        # a kept one also behind the hard ones of its own row.
        others = (torch.cumsum(kept, 0) - kept, torch.cumsum(hard, 0))
        within = [torch.arange(len(owner), device=self.device) for owner in owners]
        place = self._end + torch.cat(
            [n + o[w] for n, o, w in zip(within, others, owners, strict=False)]
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
            at, _, _ = ragged_index(starts, lengths.long())
            items.append(self._items[at])
            counts.append(self._counts[at])
        return torch.cat(items), torch.cat(counts)

    def _replace(self, items: Tensor, counts: Tensor, wanted: int) -> None:
        """Takes packed entries, in new tensors that leave room for half as many again."""
        self._end = len(items)
        size = 3 * (len(items) + wanted) // 2 + _SPARE
        self._items = torch.zeros(size, dtype=torch.int32, device=self.device)
        self._counts = torch.zeros(size, dtype=torch.int16, device=self.device)
        self._items[: self._end], self._counts[: self._end] = items, counts
        self._starts = torch.cumsum(self._lengths, 0) - self._lengths
