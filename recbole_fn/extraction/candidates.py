"""The candidates of a row: its target and its slots, or the whole catalogue.

Both classes score candidates and mine hard negatives (arXiv 2208.04116, section 3.2).
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.extraction.mining import keep_highest, mine_hard_negatives
from recbole_fn.extraction.slots import Slots
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.scoring.mixture import own_scores_of, scores_of
from recbole_fn.scoring.scored import ScoredRows
from recbole_fn.scoring.scorers import EncodedRows


class Candidates(Protocol):
    """Scores candidates and mines hard negatives.

    Examples:
        `TrainingStep` calls it in each step:

        >>> candidates: Candidates = run.trainer.fn_step.candidates
        >>> type(candidates).__name__
        'SampledCandidates'
    """

    def number(self, slots: Slots) -> int:
        """Candidates of each row."""
        ...

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores the candidates of M rows."""
        ...

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """Items [M, K], and which of them the rows should remember, [M, K], bool."""
        ...


@dataclass
class SampledCandidates:
    """The target in column 0, followed by N slots.

    Attributes:
        most: Maximal number of hard negatives that a row remembers.

    Examples:
        >>> from recbole_fn.data.batching import RowBatch
        >>> batch = RowBatch({}, *torch.tensor([[0], [1], [5]]))  # row 0, user 1, target 5
        >>> slots = Slots(torch.tensor([[7, 9]]), torch.zeros(1, 2, dtype=torch.bool))
        >>> class Encoded:
        ...     def score(self, items):
        ...         return items.float()  # a model that prefers high ids
        >>> candidates = SampledCandidates(most=1)
        >>> scored = candidates.scored(batch, Encoded(), slots)
        >>> scored.candidates
        tensor([[5, 7, 9]])
        >>> candidates.hard(scored)
        (tensor([[7, 9]]), tensor([[False,  True]]))
    """

    most: int

    def number(self, slots: Slots) -> int:
        """The target and the slots."""
        return 1 + slots.items.shape[1]

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores the target and the slots of M rows."""
        candidates = torch.cat([batch.targets.unsqueeze(1), slots.items], dim=1)  # [M, 1 + N]
        rows, columns = slots.extracted.nonzero(as_tuple=True)  # each [E]
        num = slots.items.shape[1]
        return ScoredRows(
            batch=batch,
            items=slots.items,
            extracted=slots.extracted,
            logits=scores_of(encoded, candidates, slots.mixture),
            targets=torch.zeros_like(batch.targets),
            rows=rows,
            columns=columns + 1,
            valid=_behind_target(slots.valid, True),
            log_q=_behind_target(slots.log_q, 0.0),
            candidates=candidates,
            known=_behind_target(slots.labels, 1.0),
            mixture=slots.mixture,
            own=own_scores_of(encoded, candidates, slots.mixture, ranked=self.most < num),
            weights=_behind_target(slots.weights, 1.0),
            encoded=encoded,
        )

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """The slots that score above the target, at most `most` of them: the highest."""
        scores = scored.logits if scored.own is None else scored.own  # [M, 1 + N]
        hard = mine_hard_negatives(scores, scored.extracted)
        if scored.valid is not None:
            hard = hard & scored.valid[:, 1:]
        if scored.known is not None:
            hard = hard & (scored.known[:, 1:] == 0)
        return scored.items, keep_highest(hard, scores[:, 1:], self.most)


@dataclass
class CatalogueCandidates:
    """All items: the column of a candidate is its id; column 0, the padding, is masked.

    Attributes:
        sampler: Knows the users' histories.
        num_items: Size of the catalogue, the padding id included.
        most: Maximal number of hard negatives that a row remembers.

    Examples:
        Item 4 is extracted; only item 3 scores above the target, item 2:

        >>> from types import SimpleNamespace
        >>> from recbole_fn.data.batching import RowBatch
        >>> batch = RowBatch({}, *torch.tensor([[0], [1], [2]]))  # row 0, user 1, target 2
        >>> slots = Slots(torch.tensor([[4]]), torch.tensor([[True]]))
        >>> encoded = SimpleNamespace(catalogue=lambda: torch.tensor([[0.0, 1.0, 2.0, 3.0, 4.0]]))
        >>> sampler = SimpleNamespace(mask_excluded=lambda scores, users: None)
        >>> candidates = CatalogueCandidates(sampler, num_items=5, most=1)
        >>> candidates.hard(candidates.scored(batch, encoded, slots))
        (tensor([[3]]), tensor([[True]]))
    """

    sampler: FNSampler
    num_items: int
    most: int

    def number(self, slots: Slots) -> int:
        """The items of the catalogue."""
        return self.num_items

    def scored(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> ScoredRows:
        """Scores all items for M rows."""
        # Some models score more columns: a mask, for example.
        logits = encoded.catalogue()[:, : self.num_items]
        valid = torch.ones_like(logits, dtype=torch.bool)
        valid[:, 0] = False
        rows, columns = slots.extracted.nonzero()[:, 0], slots.items[slots.extracted]  # each [E]
        return ScoredRows(
            batch=batch,
            items=slots.items,
            extracted=slots.extracted,
            logits=logits,
            targets=batch.targets,
            rows=rows,
            columns=columns,
            valid=valid,
            encoded=encoded,
        )

    def hard(self, scored: ScoredRows) -> tuple[Tensor, Tensor]:
        """The highest-scoring items above the target that the user has not had."""
        scores = scored.logits.detach().clone()  # [M, num_items]
        target = scores.gather(1, scored.targets.unsqueeze(1))  # [M, 1]
        scores[~scored.without_extracted()] = -torch.inf
        self.sampler.mask_excluded(scores, scored.batch.users)
        highest, items = scores.topk(min(self.most, scores.shape[1]), dim=1)  # each [M, K]
        return items, highest > target  # each [M, K]


def _behind_target(slots: Tensor | None, target: float) -> Tensor | None:
    """Prepends a column for the target: [M, N] -> [M, 1 + N]."""
    if slots is None:
        return None
    return torch.cat([torch.full_like(slots[:, :1], target), slots], dim=1)  # [M, 1 + N]
