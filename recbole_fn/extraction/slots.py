"""A batch's negatives with the items that its rows remember among them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.negatives.base import Negatives
from recbole_fn.negatives.duplicates import RepeatFinder


@dataclass(frozen=True)
class Slots:
    """The N slots of M rows.

    Attributes:
        items: Item ids, shape [M, N].
        extracted: Which slots hold extracted items, shape [M, N], bool.
        valid: Which take part in the loss, shape [M, N], bool; None for all.
        log_q: Log of how many times a visit is expected to hold each item, shape [M, N]; None
            where the loss is not corrected for it.
        labels: What the sampler knows of the items, shape [M, N]; None where all are negatives.
    """

    items: Tensor
    extracted: Tensor
    valid: Tensor | None = None
    log_q: Tensor | None = None
    labels: Tensor | None = None

    def of(self, rows: Callable[[Tensor], Tensor]) -> "Slots":
        """The slots of some rows; `rows` takes those out of a tensor of all."""
        maybe = (self.valid, self.log_q, self.labels)
        chosen = (None if tensor is None else rows(tensor) for tensor in maybe)
        return Slots(rows(self.items), rows(self.extracted), *chosen)


def without_memory(negatives: Negatives, log_q: Tensor | None) -> Slots:
    """The slots of rows that remember nothing yet: negatives and no more.

    Args:
        negatives: What a sampler returned.
        log_q: As in `Slots`.
    """
    none = torch.zeros_like(negatives.items, dtype=torch.bool)
    return Slots(negatives.items, none, negatives.valid, log_q, negatives.labels)


class Injection:
    """Puts remembered items into the first slots of their rows.

    A remembered item is in every visit of its row. So a draw that repeats it takes no part:
    it would carry another label than the remembered one as soon as that is extracted.

    Args:
        memory: The rows' hard negatives and counts.
    """

    def __init__(self, memory: HardNegativeMemory) -> None:
        self.memory = memory
        self._find_repeats = RepeatFinder()

    def __call__(self, rows: Tensor, negatives: Negatives, log_q: Tensor | None) -> Slots:
        """Begins a visit.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: What a sampler returned, N for each row.
            log_q: As in `Slots`, of the negatives.
        """
        items, extracted, lengths = self.memory.inject_remembered(rows, negatives.items)
        slot = torch.arange(items.shape[1], device=items.device)
        remembered = slot < lengths.unsqueeze(1)  # [M, N]
        valid = remembered | ~self._repeats(items, remembered)
        if negatives.valid is not None:
            valid &= remembered | negatives.valid
        if log_q is not None:
            log_q = _in_fewer_slots(log_q, lengths).masked_fill(remembered, 0.0)
        labels = negatives.labels
        if labels is not None:
            labels = labels.masked_fill(remembered, 0.0)
        return Slots(items, extracted, valid, log_q, labels)

    def _repeats(self, items: Tensor, remembered: Tensor) -> Tensor:
        num_items = self.memory.num_items
        row = torch.arange(len(items), device=items.device).unsqueeze(1)
        pairs = row * num_items + items  # [M, N]
        return self._find_repeats(pairs[remembered], pairs, len(items) * num_items)


def _in_fewer_slots(log_q: Tensor, taken: Tensor) -> Tensor:
    """`log_q` [M, N] of draws that were to fill N slots, once `taken` [M] of them are others'."""
    share = 1 - taken / log_q.shape[1]
    return log_q + share.log().unsqueeze(1).to(log_q)
