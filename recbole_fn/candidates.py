"""The candidates that a visit of a row compares: drawn negatives, or the whole catalogue.

Either class draws, recalls, scores and remembers; the learner makes a loss of what it returns.
UFNRec (arXiv 2208.04116), section 3.2.
"""

from dataclasses import dataclass
from typing import Any, Optional, Protocol

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.sampler import FNSampler
from recbole_fn.model.objective import keep_highest, mine_hard_negatives
from recbole_fn.model.scoring import Scorer


@dataclass(frozen=True)
class Visit:
    """One visit of M rows, each with C scored candidates, E of which are extracted.

    Attributes:
        batch: The rows.
        items: The slots that a row can remember, item ids, shape [M, N].
        extracted: Which slots hold false negatives in this visit, shape [M, N], bool.
        logits: The student's scores, shape [M, C].
        targets: The target's column among the candidates, shape [M].
        rows: The row of each extracted item, from 0 to M - 1, ascending, shape [E].
        columns: Its column among the candidates, shape [E].
        kept: Candidates that take part in the loss, shape [M, C], bool; None for all.
    """

    batch: RowBatch
    items: Tensor
    extracted: Tensor
    logits: Tensor
    targets: Tensor
    rows: Tensor
    columns: Tensor
    kept: Optional[Tensor] = None

    @property
    def extracted_items(self) -> Tensor:
        """The extracted items, shape [E]."""
        return self.items[self.extracted]

    @property
    def extracted_logits(self) -> Tensor:
        """The student's scores of the extracted items, shape [E]."""
        return self.logits[self.rows, self.columns]

    def labels(self, extracted: Any) -> Tensor:
        """A label for each candidate: 1 for the target, the given ones for extracted items.

        Args:
            extracted: Labels of the extracted items, shape [E], or one for all.

        Returns:
            Labels, shape [M, C].
        """
        labels = torch.zeros_like(self.logits)
        labels[self.rows, self.columns] = extracted
        return labels.scatter_(1, self.targets.unsqueeze(1), 1)

    def without_extracted(self) -> Tensor:
        """The candidates that take part when extracted items do not, shape [M, C], bool."""
        kept = torch.ones_like(self.logits, dtype=torch.bool) if self.kept is None else self.kept
        return kept.index_put((self.rows, self.columns), kept.new_tensor(False))


class Candidates(Protocol):
    """What makes visits of rows."""

    def visit(self, model: Any, batch: RowBatch, recalls: bool) -> Visit:
        """Scores the candidates of a batch's rows; remembered ones among them if it recalls."""
        ...

    def remember(self, visit: Visit) -> None:
        """Ends a visit that has recalled: the rows remember its hard negatives."""
        ...


class SampledCandidates:
    """The target and N drawn negatives; remembered ones take the first slots.

    Args:
        sampler: Draws negatives.
        scorer: Scores candidates.
        memory: The rows' hard negatives and counts.
        neg_num: N.
        slots: Hard negatives that a row remembers at most.
    """

    def __init__(
        self,
        sampler: FNSampler,
        scorer: Scorer,
        memory: HardNegativeMemory,
        neg_num: int,
        slots: int,
    ) -> None:
        self.sampler, self.scorer, self.memory = sampler, scorer, memory
        self.neg_num, self.slots = neg_num, slots

    def visit(self, model: Any, batch: RowBatch, recalls: bool) -> Visit:
        """Scores the target (column 0) and N negatives of each row."""
        items = self.sampler.draw(batch.users, batch.targets, self.neg_num)
        extracted = torch.zeros_like(items, dtype=torch.bool)
        if recalls:
            items, extracted = self.memory.recall(batch.rows, items)
        candidates = torch.cat([batch.targets.unsqueeze(1), items], dim=1)
        logits = self.scorer(model, batch, candidates)
        rows, slots = extracted.nonzero(as_tuple=True)
        targets = torch.zeros_like(batch.targets)
        return Visit(batch, items, extracted, logits, targets, rows, slots + 1)

    def remember(self, visit: Visit) -> None:
        """The rows remember the slots above the target; the highest ones if they are too many."""
        hard = mine_hard_negatives(visit.logits, visit.extracted)
        hard = keep_highest(hard, visit.logits[:, 1:], self.slots)
        self.memory.update(visit.batch.rows, visit.items, hard)


class CatalogueCandidates:
    """All items: the column of a candidate is its id, and column 0, the padding, takes no part.

    Args:
        sampler: Knows the users' histories.
        scorer: Scores the catalogue.
        memory: The rows' hard negatives and counts.
        slots: Hard negatives that a row remembers at most.
    """

    def __init__(
        self, sampler: FNSampler, scorer: Scorer, memory: HardNegativeMemory, slots: int
    ) -> None:
        self.sampler, self.scorer, self.memory, self.slots = sampler, scorer, memory, slots

    def visit(self, model: Any, batch: RowBatch, recalls: bool) -> Visit:
        """Scores all items for each row."""
        items = batch.targets.new_zeros(len(batch.rows), self.slots)
        extracted = torch.zeros_like(items, dtype=torch.bool)
        if recalls:
            items, extracted = self.memory.recall(batch.rows, items)
        # Some models score more columns than there are items: a mask, for example.
        logits = self.scorer.catalogue(model, batch)[:, : self.memory.num_items]
        kept = torch.ones_like(logits, dtype=torch.bool)
        kept[:, 0] = False
        rows, columns = extracted.nonzero()[:, 0], items[extracted]
        return Visit(batch, items, extracted, logits, batch.targets, rows, columns, kept)

    def remember(self, visit: Visit) -> None:
        """The rows remember the highest items above the target that the user has not had."""
        batch, scores = visit.batch, visit.logits.detach().clone()
        target = scores.gather(1, batch.targets.unsqueeze(1))
        scores[~visit.without_extracted()] = -torch.inf
        self.sampler.mask_excluded(scores, batch.users)
        highest, items = scores.topk(min(self.slots, scores.shape[1]), dim=1)
        self.memory.update(batch.rows, items, highest > target)
