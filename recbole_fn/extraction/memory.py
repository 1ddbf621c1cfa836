"""The memory of hard negatives of each training row, and how often each was remembered.

UFNRec (arXiv 2208.04116), section 3.2 and Algorithm 1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from recbole_fn.extraction.change import change
from recbole_fn.extraction.row_lists import Lists, RowLists
from recbole_fn.extraction.separated import separated
from recbole_fn.extraction.settled import SettledCounts
from recbole_fn.utils.places import true_places
from recbole_fn.utils.recbole_types import Device

_MAX_COUNT = torch.iinfo(torch.int16).max
_SAVED = 1 << 13  # rows saved at a time: 64-bit places take 7 times the room of the entries


class HardNegativeMemory:
    """Hard negatives and their counts, row by row, in flat tensors (arXiv 2208.04116, Algorithm 1).

    A step on a row calls `inject_remembered`, then `update`. What a row remembers is a list in slot
    order, written anew by `update`. Items that were hard before and keep their count are apart: a
    step looks up only those that come or go, so what it costs hardly grows with their number. They
    take 6 to 7.5 bytes each, remembered ones 6 to 9, and a row 23.

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
        self._hard = RowLists(num_rows, self.device)
        self._others = SettledCounts(num_rows, num_items, self.device)
        # Steps on a row since its list was written: they count for all of its items.
        self._steps = torch.zeros(num_rows, dtype=torch.int16, device=self.device)
        self._longest = 0  # no list is longer
        self._injected: tuple[Tensor, Lists] | None = None  # rows, and their lists as counted

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
        steps = self._steps.index_select(0, rows)
        self._steps.index_copy_(0, rows, steps + (steps < _MAX_COUNT))
        lists = self._counted(rows, negatives.shape[1])
        self._injected = rows, lists
        items = torch.where(lists.is_entry, lists.items, negatives.int()).long()  # [M, N]
        extracted = lists.is_entry & (lists.counts > self.flip_after)
        return items, extracted, lists.is_entry.sum(1)

    def update(self, rows: Tensor, negatives: Tensor, hard: Tensor) -> None:
        """Lets the rows remember the items of their hard slots, each item once.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: Items as `inject_remembered` returned them, shape [M, N].
            hard: Which slots are to be remembered, shape [M, N], bool.
        """
        wider = max(self._longest - negatives.shape[1], 0)
        items, hard = F.pad(negatives.int(), (0, wider)), F.pad(hard, (0, wider))  # each [M, W]
        self._longest = width = items.shape[1]
        old = self._lists_of(rows, width)
        new = change(old, items, hard, self.num_items)
        coming, going = (_pairs(of, at) for of, at in ((items, new.coming), (old.items, new.going)))
        left = old.counts.view(-1).index_select(0, new.going)
        came = self._others.exchange(rows, coming, going, left)
        counts = new.counts.view(-1).index_copy_(0, new.coming, came)  # [M * W]
        at = true_places(new.is_kept)
        kept = items.view(-1).index_select(0, at), counts.index_select(0, at)
        self._hard.replace(rows, new.is_kept.sum(1), *kept)
        self._steps.index_fill_(0, rows, 0)

    def fade(self) -> None:
        """Halves the counts of what no row remembers now, rounded down, and forgets zeros."""
        self._others.halve()

    def num_remembered(self) -> int:
        """Hard negatives remembered now, over all rows."""
        return int(self._hard.lengths.sum())

    def num_pairs(self) -> int:
        """(row, item) pairs that hold a count or are remembered now."""
        return self.num_remembered() + self._others.num_pairs()

    def num_bytes(self) -> int:
        """Bytes of all tensors of this memory."""
        return self._hard.num_bytes() + self._others.num_bytes() + self._steps.nbytes

    def hard_negatives(self, row: int) -> list[int]:
        """The items that a row remembers, in slot order."""
        _, items, _ = self._hard.entries(torch.tensor([row], device=self.device))
        return items.tolist()

    def count(self, row: int, item: int) -> int:
        """In how many steps on a row an item was remembered."""
        _, items, counts = self.entries(torch.tensor([row], device=self.device))
        return int(counts[items == item].sum())

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows [rows]: the index of a row, an item and its count, each of shape [entries].

        Rows come in order; those of a row that it remembers come first, in slot order.
        """
        owner, items, stored = self._hard.entries(rows)
        hard = owner, items, _plus(stored, self._steps[rows][owner])
        owners, items, counts = (
            torch.cat(sides) for sides in zip(hard, self._others.entries(rows), strict=True)
        )
        order = torch.argsort(owners, stable=True)
        return owners[order], items[order].long(), counts[order]

    def state_dict(self) -> dict[str, Tensor]:
        """Copies of the tensors, compacted: pairs row after row, as in `entries`."""
        rows = torch.arange(self.num_rows, device=self.device)
        parts = [self.entries(part) for part in rows.split(_SAVED)]
        lengths = [
            torch.bincount(owner, minlength=min(_SAVED, self.num_rows - place * _SAVED))
            for place, (owner, _, _) in enumerate(parts)
        ]
        return {
            "lengths": torch.cat(lengths).int(),
            "hard_lengths": self._hard.lengths.clone(),
            "items": torch.cat([items.int() for _, items, _ in parts]),
            "counts": torch.cat([counts for _, _, counts in parts]),
        }

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned.

        Raises:
            ValueError: if the state is of another number of rows.
        """
        if (rows := len(state["lengths"])) != self.num_rows:
            raise ValueError(f"the memory has {self.num_rows} rows, the state {rows}")
        state = {name: tensor.to(self.device) for name, tensor in state.items()}
        lengths, hard_lengths = state["lengths"], state["hard_lengths"].clone()
        hard, others = separated(state, self.num_items)
        self._hard.load(hard_lengths, *hard)
        self._others.load(lengths - hard_lengths, *others)
        self._steps.zero_()
        self._injected = None
        self._longest = int(hard_lengths.max()) if rows else 0

    def _lists_of(self, rows: Tensor, width: int) -> Lists:
        """The lists as `inject_remembered` has read them, if it was called for the same rows."""
        injected, self._injected = self._injected, None
        if injected is not None and injected[0] is rows and injected[1].items.shape[1] == width:
            return injected[1]
        return self._counted(rows, width)

    def _counted(self, rows: Tensor, width: int) -> Lists:
        """The lists of rows, and their counts with the steps since they were written."""
        lists = self._hard.read(rows, width)
        steps = self._steps.index_select(0, rows).unsqueeze(1)  # [M, 1]
        return Lists(lists.items, _plus(lists.counts, steps), lists.is_entry)


def _plus(counts: Tensor, steps: Tensor) -> Tensor:
    return torch.minimum(counts, _MAX_COUNT - steps) + steps


def _pairs(items: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
    """The index of the row and the item at places [K] of the flattened items [M, W]."""
    owners = torch.div(at, items.shape[1], rounding_mode="floor")
    return owners, items.reshape(-1).index_select(0, at)
