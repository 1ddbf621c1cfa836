"""Compares two sides: tasks timed in turn, row for row, or sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from tqdm import tqdm

from recbole_fn.results.text_table import text_table

Task = Callable[[], int]  # does some work and returns how many rows it was
SECONDS = "s/1000 rows"
BYTES = "bytes/pair"


@dataclass(frozen=True)
class Comparison:
    """What two sides cost.

    Attributes:
        what: What was compared.
        unit: What the costs are measured in.
        ours: Median of our costs.
        other: Median of the other's costs.
        ratio: `other / ours`.
        lowest: The lowest ratio of a pair of runs.
        highest: The highest ratio of a pair of runs.
    """

    what: str
    unit: str
    ours: float
    other: float
    ratio: float
    lowest: float
    highest: float


def compare(what: str, ours: Task, other: Task, repeats: int) -> Comparison:
    """Runs two tasks in turn, after one unmeasured run of each.

    Args:
        what: What is compared.
        ours: Our side.
        other: The other side.
        repeats: Measured runs of each.
    """
    pairs = []
    for repeat in tqdm(range(repeats + 1), desc=what, ncols=100):
        pair = seconds_each(ours), seconds_each(other)
        if repeat:
            pairs.append(pair)
    return of_pairs(what, SECONDS, pairs)


def of_pairs(what: str, unit: str, pairs: list[tuple[float, float]]) -> Comparison:
    """A comparison of costs that are measured already: ours and the other's, pair by pair."""
    mine, theirs = (median(side) for side in zip(*pairs, strict=False))
    ratios = [second / first for first, second in pairs]
    return Comparison(what, unit, mine, theirs, theirs / mine, min(ratios), max(ratios))


def seconds_each(task: Task) -> float:
    """Seconds that a task takes for 1000 rows."""
    begin = perf_counter()
    rows = task()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return (perf_counter() - begin) / rows * 1000


def table(comparisons: list[Comparison]) -> str:
    """The comparisons as text."""
    return text_table([_cells(row) for row in comparisons], "ours against", width=120)


def _cells(row: Comparison) -> dict[str, str]:
    return {
        "ours against": row.what,
        "unit": row.unit,
        "ours": f"{row.ours:.3g}",
        "other": f"{row.other:.3g}",
        "other / ours": f"{row.ratio:.3g}",
        "range": f"{row.lowest:.3g} - {row.highest:.3g}",
    }
