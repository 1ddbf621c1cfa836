"""The candidates that a visit of a row compares: drawn negatives, or the whole catalogue.

Either class draws, recalls, scores and remembers; the learner makes a loss of what it returns.
UFNRec (arXiv 2208.04116), section 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, Protocol

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.sampler import FNSampler
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.share import Share, take_share
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
        share: Of several ranks, what these rows are a part of; None where they are all.
    """

    batch: RowBatch
    items: Tensor
    extracted: Tensor
    logits: Tensor
    targets: Tensor
    rows: Tensor
    columns: Tensor
    kept: Optional[Tensor] = None
    share: Optional[Share] = None

    @property
    def extracted_by_all(self) -> Tensor:
        """As `extracted`, of the rows of all ranks."""
        return self.extracted if self.share is None else self.share.extracted

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


def _remember(memory: HardNegativeMemory, visit: Visit, items: Tensor, hard: Tensor) -> None:
    if visit.share is None:
        memory.update(visit.batch.rows, items, hard)
    else:
        visit.share.remember(memory, items, hard)


def _scores(batch: RowBatch, num_candidates: int, score: Callable[[], Tensor]) -> Tensor:
    """Scores [M, C]; a model is not asked about the rows of a rank that has none in this step."""
    if len(batch.rows):
        return score()
    return torch.zeros(0, num_candidates, device=batch.rows.device)


class SampledCandidates:
    """The target and N drawn negatives; remembered ones take the first slots.

    Args:
        sampler: Draws negatives.
        scorer: Scores candidates.
        memory: The rows' hard negatives and counts.
        neg_num: N.
        slots: Hard negatives that a row remembers at most.
        group: The ranks that visit a batch together.
    """

    def __init__(
        self,
        sampler: FNSampler,
        scorer: Scorer,
        memory: HardNegativeMemory,
        neg_num: int,
        slots: int,
        group: Group,
    ) -> None:
        self.sampler, self.scorer, self.memory = sampler, scorer, memory
        self.neg_num, self.slots, self.group = neg_num, slots, group

    def visit(self, model: Any, batch: RowBatch, recalls: bool) -> Visit:
        """Scores the target (column 0) and N negatives of each row."""
        items = self.sampler.draw(batch.users, batch.targets, self.neg_num)
        extracted = torch.zeros_like(items, dtype=torch.bool)
        if recalls:
            items, extracted = self.memory.recall(batch.rows, items)
        batch, items, extracted, share = take_share(self.group, batch, items, extracted)
        candidates = torch.cat([batch.targets.unsqueeze(1), items], dim=1)
        width = candidates.shape[1]
        logits = _scores(batch, width, lambda: self.scorer(model, batch, candidates))
        rows, slots = extracted.nonzero(as_tuple=True)
        targets = torch.zeros_like(batch.targets)
        return Visit(batch, items, extracted, logits, targets, rows, slots + 1, share=share)

    def remember(self, visit: Visit) -> None:
        """The rows remember the slots above the target; the highest ones if they are too many."""
        hard = mine_hard_negatives(visit.logits, visit.extracted)
        hard = keep_highest(hard, visit.logits[:, 1:], self.slots)
        _remember(self.memory, visit, visit.items, hard)


class CatalogueCandidates:
    """All items: the column of a candidate is its id, and column 0, the padding, takes no part.

    Args:
        sampler: Knows the users' histories.
        scorer: Scores the catalogue.
        memory: The rows' hard negatives and counts.
        slots: Hard negatives that a row remembers at most.
        group: The ranks that visit a batch together.
    """

    def __init__(
        self,
        sampler: FNSampler,
        scorer: Scorer,
        memory: HardNegativeMemory,
        slots: int,
        group: Group,
    ) -> None:
        self.sampler, self.scorer, self.memory = sampler, scorer, memory
        self.slots, self.group = slots, group

    def visit(self, model: Any, batch: RowBatch, recalls: bool) -> Visit:
        """Scores all items for each row."""
        items = batch.targets.new_zeros(len(batch.rows), self.slots)
        extracted = torch.zeros_like(items, dtype=torch.bool)
        if recalls:
            items, extracted = self.memory.recall(batch.rows, items)
        batch, items, extracted, share = take_share(self.group, batch, items, extracted)
        width = self.memory.num_items  # some models score more columns: a mask, for example
        logits = _scores(batch, width, lambda: self.scorer.catalogue(model, batch)[:, :width])
        kept = torch.ones_like(logits, dtype=torch.bool)
        kept[:, 0] = False
        rows, columns = extracted.nonzero()[:, 0], items[extracted]
        return Visit(batch, items, extracted, logits, batch.targets, rows, columns, kept, share)

    def remember(self, visit: Visit) -> None:
        """The rows remember the highest items above the target that the user has not had."""
        batch, scores = visit.batch, visit.logits.detach().clone()
        target = scores.gather(1, batch.targets.unsqueeze(1))
        scores[~visit.without_extracted()] = -torch.inf
        self.sampler.mask_excluded(scores, batch.users)
        highest, items = scores.topk(min(self.slots, scores.shape[1]), dim=1)
        _remember(self.memory, visit, items, highest > target)
