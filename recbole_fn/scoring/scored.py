"""A batch's rows with scored candidates, and the labels that a loss compares them with."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.mixture import Mixture
from recbole_fn.scoring.scorers import EncodedRows
from recbole_fn.utils.places import true_places


@dataclass(frozen=True)
class ScoredRows:
    """Rows with scored candidates; `extracted` of these are extracted as false negatives.

    Attributes:
        batch: The rows.
        items: The items in the slots of each row, shape [rows, slots].
        extracted: Mask of the slots with extracted items, shape [rows, slots], bool.
        logits: The student's scores, shape [rows, candidates].
        targets: The target's column among the candidates, shape [rows].
        rows: Index of the row of each extracted item, ascending, shape [extracted].
        columns: Column of each extracted item among the candidates, shape [extracted].
        valid: Mask of the candidates that take part in the loss, shape [rows, candidates], bool;
            None for all. No item takes part twice with two labels.
        log_q: Log of the expected number of times that a row's candidates hold each candidate,
            shape [rows, candidates]; None if the loss is not corrected for it.
        candidates: Item ids of the candidates, shape [rows, candidates]; None if the column of
            an item is its id.
        mixture: How the rows' targets are mixed into the slots, as the logits are; None if they
            are not.
        own: The candidates' own scores where those of mixtures may be in another order, shape
            [rows, candidates]; None if the logits have their order to the target.
        known: Labels that the sampler put on candidates, shape [rows, candidates]; None if only
            the target is a positive.
        weights: How many times each candidate counts in the loss, shape [rows, candidates]; None
            if each counts once.
        encoded: The encoding of the rows, to score other items too; None if nothing needs it.

    Example:
        A row with target 9 and negatives 4 and 7; item 7 is extracted and becomes a positive:

        >>> scored = ScoredRows(
        ...     batch=None,
        ...     items=torch.tensor([[4, 7]]),
        ...     extracted=torch.tensor([[False, True]]),
        ...     logits=torch.tensor([[2.0, 0.5, 1.5]]),
        ...     targets=torch.tensor([0]),
        ...     rows=torch.tensor([0]),
        ...     columns=torch.tensor([2]),
        ... )
        >>> scored.labels(1.0)
        tensor([[1., 0., 1.]])
        >>> scored.extracted_items, scored.extracted_logits
        (tensor([7]), tensor([1.5000]))
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
    mixture: Mixture | None = None
    own: Tensor | None = None
    weights: Tensor | None = None
    encoded: EncodedRows | None = None

    @property
    def extracted_items(self) -> Tensor:
        """The extracted items, shape [extracted]."""
        return self.items.reshape(-1).index_select(0, true_places(self.extracted))

    @property
    def extracted_logits(self) -> Tensor:
        """The student's scores of the extracted items, shape [extracted]."""
        return self.logits[self.rows, self.columns]

    def labels(self, extracted: Tensor | float) -> Tensor:
        """A label for each candidate: 1 for the target, otherwise 0 or the sampler's label.

        Args:
            extracted: Labels of the extracted items, shape [extracted], or one label for all.

        Returns:
            Labels, shape [rows, candidates].
        """
        labels = torch.zeros_like(self.logits) if self.known is None else self.known.clone()
        if isinstance(extracted, Tensor):
            extracted = extracted.to(labels.dtype)
        labels[self.rows, self.columns] = extracted
        return labels.scatter_(1, self.targets.unsqueeze(1), 1)  # [rows, candidates]

    def score(self, items: Tensor) -> Tensor:
        """The student's scores of any items, from the encoding that the step has made.

        Args:
            items: Item ids, shape [rows, items].

        Returns:
            Logits, shape [rows, items].
        """
        if self.encoded is None:
            raise ValueError("these rows were made without their encoding")
        return self.encoded.score(items)

    def weighted(self, valid: Tensor | None) -> Tensor | None:
        """A mask of the candidates that take part, with their weights if they have any.

        Args:
            valid: The mask, shape [rows, candidates], bool; None for all.

        Returns:
            `valid` without weights; otherwise the weights, 0 for a candidate that takes no part.
        """
        if self.weights is None:
            return valid
        return self.weights if valid is None else self.weights * valid

    def without_extracted(self) -> Tensor:
        """The mask `valid` without extracted items, shape [rows, candidates], bool."""
        valid = self.valid
        valid = torch.ones_like(self.logits, dtype=torch.bool) if valid is None else valid
        return valid.index_put((self.rows, self.columns), valid.new_tensor(False))


@dataclass(frozen=True)
class Labelled:
    """The labels of scored rows, as a treatment decides them.

    Attributes:
        labels: From 0 (negative) to 1 (positive), shape [rows, candidates]; the target's is 1.
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.
        extra: A loss added to the base loss: the mean of its terms, a scalar, and their number;
            None for no such loss.
        extra_weight: The weight of that loss.

    Example:
        >>> Labelled(torch.tensor([[1.0, 0.0]]), valid=None).extra is None
        True
    """

    labels: Tensor
    valid: Tensor | None
    extra: tuple[Tensor, Tensor | int] | None = None
    extra_weight: float = 1.0
