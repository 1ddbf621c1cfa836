"""Precision, recall and lift of extracted items against what users would have liked."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from recbole_fn.extraction.counted_pairs import CountedPairs
from recbole_fn.simulation.row_truth import RowTruth


@dataclass(frozen=True)
class PrecisionRecall:
    """The quality of extraction with one threshold m, over all rows.

    Attributes:
        m: An item counts as extracted once its row remembered it in more than m epochs.
        extracted: Pairs of a row and an item that have been extracted so far.
        extracted_liked: Extracted pairs with an item that the user liked at the row's step.
        precision: Their fraction of the extracted pairs; None if nothing is extracted.
        base: The precision of random draws: the fraction of liked items among all that could be
            drawn, averaged over the rows of the extracted pairs.
        lift: Precision divided by base.
        recall: The fraction of extracted pairs among all pairs of a row and a liked item that
            could be drawn for it, whether or not it was drawn.
        hard: Pairs that are remembered now and not extracted.
        hard_precision: The fraction of liked items among these; None if there are none.

    Example:
        >>> PrecisionRecall(5, 40, 12, 0.3, 0.05, 6.0, 0.1, 80, 0.2).lift
        6.0
    """

    m: int
    extracted: int
    extracted_liked: int
    precision: float | None
    base: float | None
    lift: float | None
    recall: float | None
    hard: int
    hard_precision: float | None


def compare_with_truth(
    pairs: CountedPairs, truth: RowTruth, ms: Iterable[int]
) -> list[PrecisionRecall]:
    """Compares the items of a memory with the truth, for each m.

    Args:
        pairs: The memory's pairs.
        truth: The truth of the rows.
        ms: Thresholds of the counts.

    Returns:
        The figures for each m, in order.

    Example:
        Row 0 has remembered item 4, which its user likes, in two epochs, and item 7 in one:

        >>> from types import SimpleNamespace
        >>> import torch
        >>> rows, counts = torch.zeros(2, dtype=torch.long), torch.tensor([2, 1])
        >>> pairs = CountedPairs(rows, torch.tensor([4, 7]), counts, torch.tensor([True, True]))
        >>> truth = SimpleNamespace(
        ...     liked=lambda rows, items: items == 4,
        ...     base=torch.tensor([0.1]),
        ...     num_liked=torch.tensor([5]),
        ... )
        >>> [(quality.m, quality.precision) for quality in compare_with_truth(pairs, truth, (0, 1))]
        [(0, 0.5), (1, 1.0)]
    """
    liked = truth.liked(pairs.rows, pairs.items)
    return [_precision_recall(m, pairs, liked, truth) for m in ms]


def _precision_recall(
    m: int, pairs: CountedPairs, liked: Tensor, truth: RowTruth
) -> PrecisionRecall:
    extracted = pairs.counts > m
    hard = pairs.is_hard & ~extracted
    num_extracted, num_liked = int(extracted.sum()), int((liked & extracted).sum())
    precision = _fraction(num_liked, num_extracted)
    base = _fraction(float(truth.base[pairs.rows[extracted]].sum()), num_extracted)
    return PrecisionRecall(
        m=m,
        extracted=num_extracted,
        extracted_liked=num_liked,
        precision=precision,
        base=base,
        lift=_fraction(precision, base) if precision is not None and base else None,
        recall=_fraction(num_liked, int(truth.num_liked.sum())),
        hard=int(hard.sum()),
        hard_precision=_fraction(int((liked & hard).sum()), int(hard.sum())),
    )


def _fraction(part: float, whole: float) -> float | None:
    return part / whole if whole else None
