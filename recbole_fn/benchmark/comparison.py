"""Compares the costs of two sides: tasks timed alternately, or sizes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from tqdm import tqdm

from recbole_fn.results.text_table import text_table
from recbole_fn.utils.digits import significant

Task = Callable[[], int]
"""Does some work and returns the number of rows."""
SECONDS = "s/1000 rows"
BYTES = "bytes/pair"


@dataclass(frozen=True)
class Comparison:
    """The costs of two sides.

    Attributes:
        what: What is compared.
        unit: Unit of the costs.
        ours: Median of our costs.
        other: Median of the other side's costs.
        ratio: `other / ours`.
        lowest: The lowest ratio of a pair of runs.
        highest: The highest ratio of a pair of runs.

    Example:
        >>> Comparison("training", SECONDS, 1.0, 2.0, 2.0, 1.9, 2.2).ratio
        2.0
    """

    what: str
    unit: str
    ours: float
    other: float
    ratio: float
    lowest: float
    highest: float


def compare(what: str, ours: Task, other: Task, repeats: int) -> Comparison:
    """Runs two tasks alternately, after a warm-up run of each.

    Args:
        what: What is compared.
        ours: Our task.
        other: The other side's task.
        repeats: Measured runs of each task.

    Example:
        >>> costs = compare("sleeping", lambda: 1000, lambda: 1000, repeats=3)
        >>> costs.what, costs.lowest <= costs.ratio <= costs.highest
        ('sleeping', True)
    """
    pairs = []
    for repeat in tqdm(range(repeats + 1), desc=what, disable=None, dynamic_ncols=True):
        pair = seconds_each(ours), seconds_each(other)
        if repeat:
            pairs.append(pair)
    return of_pairs(what, SECONDS, pairs)


def of_pairs(what: str, unit: str, pairs: list[tuple[float, float]]) -> Comparison:
    """Summarises measured costs.

    Args:
        what: What is compared.
        unit: Unit of the costs.
        pairs: Our cost and the other side's, for each pair of runs.

    Example:
        >>> of_pairs("training", SECONDS, [(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]).ratio
        3.0
    """
    mine, theirs = (median(side) for side in zip(*pairs, strict=False))
    ratios = [_ratio(*pair) for pair in pairs]
    return Comparison(what, unit, mine, theirs, _ratio(mine, theirs), min(ratios), max(ratios))


def _ratio(ours: float, theirs: float) -> float:
    return theirs / ours if ours else math.inf  # no page more may have been taken


def seconds_each(task: Task) -> float:
    """Measures the seconds that a task takes for 1000 rows.

    Args:
        task: The task.

    Example:
        >>> seconds_each(lambda: 1000) < 1
        True
    """
    begin = perf_counter()
    rows = task()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return (perf_counter() - begin) / rows * 1000


def table(comparisons: list[Comparison]) -> str:
    """Formats comparisons as a table.

    Args:
        comparisons: The rows of the table.

    Example:
        >>> print(table([Comparison("RecBole", SECONDS, 1.0, 2.0, 2.0, 1.9, 2.2)]))
        ours against ... other / ours ...
    """
    return text_table([_cells(row) for row in comparisons], "ours against")


def _cells(row: Comparison) -> dict[str, str]:
    return {
        "ours against": row.what,
        "unit": row.unit,
        "ours": significant(row.ours),
        "other": significant(row.other),
        "other / ours": significant(row.ratio),
        "range": f"{significant(row.lowest)} - {significant(row.highest)}",
    }
