"""The slots of a batch: sampled negatives, and among them the items that the rows remember."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.negatives.base import Negatives
from recbole_fn.negatives.drawing import in_fewer_draws
from recbole_fn.negatives.duplicates import RepeatFinder
from recbole_fn.scoring.mixture import Mixture
from recbole_fn.utils.places import true_places


@dataclass(frozen=True)
class Slots:
    """The N slots of M rows.

    Attributes:
        items: Item ids, shape [M, N].
        extracted: Which slots hold extracted items, shape [M, N], bool.
        valid: Which take part in the loss, shape [M, N], bool; None for all.
        log_q: Log of how many times a step on the row is expected to hold each item, shape
            [M, N]; None unless the loss is corrected by it.
        labels: Labels from the sampler, shape [M, N]; None where all items are negatives.
        mixture: How the rows' targets are mixed into the slots; None where they are not.
        weights: How many times each slot counts in the loss, shape [M, N]; None where each counts
            once.

    Examples:
        >>> slots = Slots(torch.tensor([[4, 5], [6, 7]]), torch.zeros(2, 2, dtype=torch.bool))
        >>> slots.of(lambda tensor: tensor[1:]).items
        tensor([[6, 7]])
    """

    items: Tensor
    extracted: Tensor
    valid: Tensor | None = None
    log_q: Tensor | None = None
    labels: Tensor | None = None
    weights: Tensor | None = None
    mixture: Mixture | None = None

    def of(self, rows: Callable[[Tensor], Tensor]) -> "Slots":
        """The slots of some rows.

        Args:
            rows: Selects these rows from a tensor of all rows: [M, ...] -> [m, ...].
        """
        optional = (self.valid, self.log_q, self.labels, self.weights)
        valid, log_q, labels, weights = (
            None if tensor is None else rows(tensor) for tensor in optional
        )
        mixture = self.mixture and self.mixture.of(rows)
        items, extracted = rows(self.items), rows(self.extracted)
        return Slots(items, extracted, valid, log_q, labels, weights, mixture)


def without_memory(negatives: Negatives, log_q: Tensor | None) -> Slots:
    """The slots of rows that remember nothing yet: only negatives.

    Args:
        negatives: What a sampler returned.
        log_q: As in `Slots`.

    Examples:
        >>> without_memory(Negatives(torch.tensor([[4, 5]])), log_q=None).extracted
        tensor([[False, False]])
    """
    none = torch.zeros_like(negatives.items, dtype=torch.bool)
    others = negatives.labels, negatives.weights, negatives.mixture
    return Slots(negatives.items, none, negatives.valid, log_q, *others)


class Injection:
    """Puts remembered items into the first slots of their rows (arXiv 2208.04116, Algorithm 1).

    A draw that equals a remembered item of its row is masked: once that item is extracted, the
    row would hold it with two labels.

    Args:
        memory: The rows' hard negatives and counts.

    Examples:
        >>> memory = HardNegativeMemory(num_rows=1, num_items=10, flip_after=0)
        >>> row = torch.tensor([0])
        >>> memory.update(row, torch.tensor([[9]]), hard=torch.tensor([[True]]))
        >>> slots = Injection(memory)(row, Negatives(torch.tensor([[4, 9]])), log_q=None)
        >>> slots.items, slots.valid  # item 9 is remembered and drawn again
        (tensor([[9, 9]]), tensor([[ True, False]]))
    """

    def __init__(self, memory: HardNegativeMemory) -> None:
        self.memory = memory
        self._find_repeats = RepeatFinder()

    def __call__(self, rows: Tensor, negatives: Negatives, log_q: Tensor | None) -> Slots:
        """Fills the slots of M rows.

        Args:
            rows: Row ids, distinct, shape [M].
            negatives: What a sampler returned, N for each row.
            log_q: As in `Slots`, of the negatives.
        """
        items, extracted, lengths = self.memory.inject_remembered(rows, negatives.items)
        slot = torch.arange(items.shape[1], device=items.device)
        remembered = slot < lengths.unsqueeze(1)  # [M, N]
        valid = remembered | ~self._repeats(items, remembered)  # [M, N]
        if negatives.valid is not None:
            valid &= remembered | negatives.valid
        if log_q is not None:
            # [M, N]
            log_q = in_fewer_draws(log_q, remembered, negatives.fixed, negatives.shuffled)
        # Remembered items are no positives, count once and are not mixed.
        labels, weights = (  # [M, N] each
            None if of_draws is None else of_draws.masked_fill(remembered, value)
            for of_draws, value in ((negatives.labels, 0.0), (negatives.weights, 1.0))
        )
        mixture = negatives.mixture and negatives.mixture.without(remembered)
        return Slots(items, extracted, valid, log_q, labels, weights, mixture)

    def _repeats(self, items: Tensor, remembered: Tensor) -> Tensor:
        num_items = self.memory.num_items
        row = torch.arange(len(items), device=items.device).unsqueeze(1)  # [M, 1]
        pairs = row * num_items + items  # [M, N]
        known = pairs.view(-1).index_select(0, true_places(remembered))
        return self._find_repeats(known, pairs, len(items) * num_items)
