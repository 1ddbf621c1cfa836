"""Times two tasks in turn and compares them, row for row."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from texttable import Texttable
from tqdm import tqdm

Task = Callable[[], int]  # does some work and returns how many rows it was


@dataclass(frozen=True)
class Comparison:
    """Medians of two tasks that were run in turn, in seconds for 1000 rows.

    Attributes:
        what: What was compared.
        ours: Median of ours.
        other: Median of the other.
        times_faster: `other / ours`.
        lowest: The lowest ratio of a pair.
        highest: The highest ratio of a pair.
    """

    what: str
    ours: float
    other: float
    times_faster: float
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
        pair = _seconds(ours), _seconds(other)
        if repeat:
            pairs.append(pair)
    mine, theirs = (median(side) for side in zip(*pairs))
    ratios = [second / first for first, second in pairs]
    return Comparison(what, mine, theirs, theirs / mine, min(ratios), max(ratios))


def _seconds(task: Task) -> float:
    begin = perf_counter()
    rows = task()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return (perf_counter() - begin) / rows * 1000


def table(comparisons: list[Comparison]) -> str:
    """The comparisons as text."""
    drawn = Texttable(max_width=100)
    drawn.set_cols_dtype(["t"] * 5)
    drawn.set_cols_align(["l", "r", "r", "r", "r"])
    drawn.header(["ours against", "ours (s/1000 rows)", "other", "times faster", "range"])
    for row in comparisons:
        seconds = [f"{value:.3g}" for value in (row.ours, row.other)]
        spread = f"{row.lowest:.3g} - {row.highest:.3g}"
        drawn.add_row([row.what, *seconds, f"{row.times_faster:.3g}", spread])
    text: str = drawn.draw()
    return text
