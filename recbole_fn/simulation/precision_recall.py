"""How far extracted items are what the user would have liked: precision, recall and lift."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from recbole_fn.extraction.counted_pairs import CountedPairs
from recbole_fn.simulation.row_truth import RowTruth


@dataclass(frozen=True)
class PrecisionRecall:
    """What extraction with one m has found, over all rows.

    Attributes:
        m: An item counts as extracted when its row remembered it in more than m visits.
        extracted: Pairs of a row and an item that were extracted until now.
        extracted_liked: Those that the user liked at the row's step.
        precision: Their share; None where nothing is extracted.
        base: The share of liked items among all that could be drawn for the same rows,
            weighted as the extracted pairs are: what drawing at random would give.
        lift: Precision divided by base.
        recall: Share of extracted pairs among all pairs of a row and a liked item that could
            be drawn for it, whether it ever was or not.
        hard: Pairs that are remembered now and not extracted.
        hard_precision: The share of liked ones among these; None where there are none.
    """

    m: int
    extracted: int
    extracted_liked: int
    precision: Any
    base: Any
    lift: Any
    recall: Any
    hard: int
    hard_precision: Any


def compare_with_truth(
    pairs: CountedPairs, truth: RowTruth, ms: Iterable[int]
) -> list[PrecisionRecall]:
    """Compares what a memory holds with the truth, for each m.

    Args:
        pairs: The memory's pairs.
        truth: The truth of the rows.
        ms: Thresholds of the counts.

    Returns:
        One agreement for each m, in order.
    """
    liked = truth.liked(pairs.rows, pairs.items)
    return [_precision_recall(m, pairs, liked, truth) for m in ms]


def _precision_recall(
    m: int, pairs: CountedPairs, liked: Tensor, truth: RowTruth
) -> PrecisionRecall:
    extracted = pairs.counts > m
    hard = pairs.is_hard & ~extracted
    found = int((liked & extracted).sum())
    precision = _share(found, int(extracted.sum()))
    base = _share(float(truth.base[pairs.rows[extracted]].sum()), int(extracted.sum()))
    return PrecisionRecall(
        m=m,
        extracted=int(extracted.sum()),
        extracted_liked=found,
        precision=precision,
        base=base,
        lift=_share(precision, base) if base else None,
        recall=_share(found, int(truth.num_liked.sum())),
        hard=int(hard.sum()),
        hard_precision=_share(int((liked & hard).sum()), int(hard.sum())),
    )


def _share(part: float, whole: float) -> Any:
    return part / whole if whole else None
