"""Rows compared with many candidates: a part of them at a time, forward and backward."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from recbole_fn.data.batching import RowBatch
from recbole_fn.extraction.slots import Slots
from recbole_fn.losses.base import Weight
from recbole_fn.scoring.scorers import EncodedRows

_MOST_SCORES = 3 << 23  # of a part; labels, masks and gradients of the same size come with them

Mean = tuple[Tensor, Weight]
"""A mean, a scalar, and the sum of weights that it divides by."""


@dataclass(frozen=True)
class Compared:
    """What a step needs of compared rows.

    Examples:
        >>> whole = Compared((torch.tensor(0.5), 3), None, 1.0, None)
        >>> joined([whole]) is whole
        True

    Attributes:
        base: The base loss.
        extra: An additional loss; None for none.
        extra_weight: Its weight.
        hard: Items of each row, and which of them it should remember, each of shape [M, K]; None
            before extraction.
    """

    base: Mean
    extra: Mean | None
    extra_weight: float
    hard: tuple[Tensor, Tensor] | None


Compare = Callable[[RowBatch, EncodedRows, Slots], Compared]


def compare_in_parts(
    compare: Compare,
    batch: RowBatch,
    encoded: EncodedRows,
    slots: Slots,
    num_candidates: int,
    splits: bool = True,
) -> Compared:
    """Compares rows with their candidates, so many at a time that their scores fit into memory.

    Of each part only the losses are kept; its scores are computed again in the backward pass.
    Losses and gradients are those of all rows at once, up to the order of sums.

    Args:
        compare: Compares some rows.
        batch: M rows.
        encoded: Their encoding.
        slots: Their slots.
        num_candidates: Candidates of a row.
        splits: Whether the loss may be computed for some of the rows (`CandidateLoss.is_of_rows`);
            if not, all are compared at once.

    Examples:
        `TrainingStep` calls it in each step:

        >>> from recbole_fn.extraction.slots import without_memory
        >>> def compare(batch, encoded, slots):
        ...     print(len(batch.rows), "rows")
        ...     return Compared((torch.tensor(0.5), len(batch.rows)), None, 1.0, None)
        >>> encoded = run.trainer.fn_step.scorer.encode(run.model, rows)
        >>> slots = without_memory(run.trainer.fn_step.sampler.sample(rows, 5, None), None)
        >>> compare_in_parts(compare, rows, encoded, slots, num_candidates=8_000_000).base
        3 rows
        3 rows
        2 rows
        (tensor(0.5000), tensor(8.))
    """
    rows_of_part = max(_MOST_SCORES // num_candidates, 1)
    if len(batch.rows) <= rows_of_part or not splits:
        return compare(batch, encoded, slots)
    parts = _parts(batch, encoded, slots, rows_of_part)
    return joined([checkpoint(compare, *part, use_reentrant=False) for part in parts])


def joined(parts: list[Compared]) -> Compared:
    """The losses and hard items of all rows from those of parts.

    Args:
        parts: At least one part, in the order of rows.

    Examples:
        >>> first, second = torch.tensor(1.0), torch.tensor(4.0)
        >>> joined([Compared((first, 2), None, 1.0, None), Compared((second, 1), None, 1.0, None)])
        Compared(base=(tensor(2.), tensor(3.)), extra=None, extra_weight=1.0, hard=None)
    """
    if len(parts) == 1:
        return parts[0]
    base = _mean([part.base for part in parts])
    extras = [part.extra for part in parts if part.extra is not None]
    hard = [part.hard for part in parts if part.hard is not None]
    sides = [torch.cat(side) for side in zip(*hard, strict=True)]
    return Compared(
        base,
        _mean(extras) if extras else None,
        parts[0].extra_weight,
        (sides[0], sides[1]) if sides else None,
    )


def _parts(
    batch: RowBatch, encoded: EncodedRows, slots: Slots, size: int
) -> Iterator[tuple[RowBatch, EncodedRows, Slots]]:
    for begin in range(0, len(batch.rows), size):
        rows = slice(begin, begin + size)
        chosen = torch.zeros_like(batch.rows, dtype=torch.bool)
        chosen[rows] = True
        yield batch.select(chosen), encoded.select(rows), slots.of(itemgetter(rows))


def _mean(parts: list[Mean]) -> Mean:
    weights = torch.stack([torch.as_tensor(weight, device=mean.device) for mean, weight in parts])
    weights = weights.to(parts[0][0])
    total = (torch.stack([mean for mean, _ in parts]) * weights).sum()
    return total / weights.sum().clamp_min(torch.finfo(weights.dtype).tiny), weights.sum()
