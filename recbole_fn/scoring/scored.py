"""The candidates of a batch's rows, scored and labelled."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch


@dataclass(frozen=True)
class ScoredRows:
    """M rows, each with C scored candidates, E of which are extracted as false negatives.

    Attributes:
        batch: The rows.
        items: The slots that a row can remember, item ids, shape [M, N].
        extracted: Which slots hold extracted items, shape [M, N], bool.
        logits: The student's scores, shape [M, C].
        targets: The target's column among the candidates, shape [M].
        rows: The row of each extracted item, from 0 to M - 1, ascending, shape [E].
        columns: Its column among the candidates, shape [E].
        valid: Candidates that take part in the loss, shape [M, C], bool; None for all. An item
            never takes part twice with two labels.
        log_q: Log of the expected share of visits that hold a candidate, shape [M, C]; None
            where the loss is not corrected for it.
        candidates: Item ids of the candidates, shape [M, C]; None where a column is an item's id.
        known: Labels that the sampler has put on candidates, shape [M, C]; None where only the
            target is a positive.
    """

    batch: RowBatch
    items: Tensor
    extracted: Tensor
    logits: Tensor
    targets: Tensor
    rows: Tensor
    columns: Tensor
    valid: Tensor | None = None
    log_q: Tensor | None = None
    candidates: Tensor | None = None
    known: Tensor | None = None

    @property
    def extracted_items(self) -> Tensor:
        """The extracted items, shape [E]."""
        return self.items[self.extracted]

    @property
    def extracted_logits(self) -> Tensor:
        """The student's scores of the extracted items, shape [E]."""
        return self.logits[self.rows, self.columns]

    def labels(self, extracted: Any) -> Tensor:
        """A label for each candidate: 1 for the target, else 0 or what is known of it.

        Args:
            extracted: Labels of the extracted items, shape [E], or one for all.

        Returns:
            Labels, shape [M, C].
        """
        labels = torch.zeros_like(self.logits) if self.known is None else self.known.clone()
        if isinstance(extracted, Tensor):
            extracted = extracted.to(labels.dtype)
        labels[self.rows, self.columns] = extracted
        return labels.scatter_(1, self.targets.unsqueeze(1), 1)

    def without_extracted(self) -> Tensor:
        """The candidates that take part when extracted items do not, shape [M, C], bool."""
        valid = self.valid
        valid = torch.ones_like(self.logits, dtype=torch.bool) if valid is None else valid
        return valid.index_put((self.rows, self.columns), valid.new_tensor(False))


@dataclass(frozen=True)
class Labelled:
    """What a loss needs to know of scored rows.

    Attributes:
        labels: From 0 (negative) to 1 (positive), shape [M, C]; the target's is 1.
        valid: Candidates that take part, shape [M, C], bool; None for all.
        extra: A loss beside the base loss: the mean of its terms, a scalar, and their number.
            None for none.
        extra_weight: The weight of that loss.
    """

    labels: Tensor
    valid: Tensor | None
    extra: tuple[Tensor, Any] | None = None
    extra_weight: float = 1.0
