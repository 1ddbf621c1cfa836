"""How a row's candidates lie side by side: the target and its slots, or the whole catalogue.

Either class scores rows and mines hard negatives out of the scores (arXiv 2208.04116, section 3.2).
"""

from typing import Protocol

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.extraction.mining import keep_highest, mine_hard_negatives
from recbole_fn.extraction.slots import Slots
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.scoring.scored import ScoredRows
from recbole_fn.scoring.scorers import EncodedRows


class Candidates(Protocol):
    """Scores candidates and mines hard negatives."""

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores the candidates of M rows."""
        ...

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """Items [M, K], and which of them the rows are to remember, [M, K], bool."""
        ...


class SampledCandidates:
    """The target in column 0, and N slots behind it.

    Args:
        most: Hard negatives that a row remembers at most.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores the target and the slots of each row."""
        candidates = torch.cat([batch.targets.unsqueeze(1), slots.items], dim=1)  # [M, 1 + N]
        rows, columns = slots.extracted.nonzero(as_tuple=True)
        return ScoredRows(
            batch,
            slots.items,
            slots.extracted,
            encoded.score(candidates),
            torch.zeros_like(batch.targets),
            rows,
            columns + 1,
            _behind_target(slots.valid, True),
            _behind_target(slots.log_q, 0.0),
            candidates,
            _behind_target(slots.labels, 1.0),
        )

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """The slots above the target; the highest ones if they are too many."""
        hard = mine_hard_negatives(scored.logits, scored.extracted)
        if scored.valid is not None:
            hard = hard & scored.valid[:, 1:]
        if scored.known is not None:
            hard = hard & (scored.known[:, 1:] == 0)
        return scored.items, keep_highest(hard, scored.logits[:, 1:], self.most)


class CatalogueCandidates:
    """All items: the column of a candidate is its id, and column 0, the padding, takes no part.

    Args:
        sampler: Knows the users' histories.
        num_items: Size of the catalogue, the padding id included.
        most: Hard negatives that a row remembers at most.
    """

    def __init__(self, sampler: FNSampler, num_items: int, most: int) -> None:
        self.sampler, self.num_items, self.most = sampler, num_items, most

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores all items for each row."""
        # Some models score more columns: a mask, for example.
        logits = encoded.catalogue()[:, : self.num_items]
        valid = torch.ones_like(logits, dtype=torch.bool)
        valid[:, 0] = False
        rows, columns = slots.extracted.nonzero()[:, 0], slots.items[slots.extracted]
        return ScoredRows(
            batch, slots.items, slots.extracted, logits, batch.targets, rows, columns, valid
        )

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """The highest items above the target that the user has not had."""
        scores = scored.logits.detach().clone()
        target = scores.gather(1, scored.targets.unsqueeze(1))
        scores[~scored.without_extracted()] = -torch.inf
        self.sampler.mask_excluded(scores, scored.batch.users)
        highest, items = scores.topk(min(self.most, scores.shape[1]), dim=1)
        return items, highest > target


def _behind_target(slots: Tensor | None, target: float) -> Tensor | None:
    """A column for the target before those of the slots: [M, 1 + N] of [M, N]."""
    if slots is None:
        return None
    return torch.cat([torch.full_like(slots[:, :1], target), slots], dim=1)
