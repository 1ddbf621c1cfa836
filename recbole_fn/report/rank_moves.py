"""Where the test targets are ranked: fractions by rank, against the baseline."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Bar

from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.report.reading import ByVariant, ranked_metrics
from recbole_fn.report.style import Picture, drawn, styles
from recbole_fn.results.job_result import JobResult
from recbole_fn.results.pairing import paired

_FIRST = np.array([1, 2, 4, 11, 31, 101, 301])  # the first rank of each bin
_READING = (
    "Above 0 more test targets have such a rank than with {baseline}. Rows are not grouped by "
    "their rank with {baseline}: those at its top could then only fall. Whiskers are two "
    "standard errors over the test rows."
)


class RankMove(NamedTuple):
    """How many more test targets a variant ranks within some bounds.

    Attributes:
        label: The ranks.
        mean: Fraction of the test rows with such a rank, variant minus baseline.
        error: Two standard errors of the mean; None for one row.

    Example:
        >>> RankMove("4 to 10", mean=0.01, error=0.002).label
        '4 to 10'
    """

    label: str
    mean: float
    error: float | None


def move_pictures(variants: ByVariant, baseline: str) -> list[Picture]:
    """Where targets are ranked more often than with the baseline, a figure for each ranking.

    Args:
        variants: Results by variant.
        baseline: The variant that the others are compared with.

    Example:
        >>> variants = {"off": results[:2], "flip": results[2:]}
        >>> [picture.title for picture in move_pictures(variants, baseline="off")]
        ['Ranks of the test items']
    """
    return [_picture(variants, baseline, ranking) for ranking in rankings(variants)]


def rankings(variants: ByVariant) -> list[str]:
    """The names of the rankings, empty for the main one.

    Example:
        >>> from types import SimpleNamespace
        >>> rankings({"off": [SimpleNamespace(ranked_metrics=["ndcg@10", "ndcg@10/uni100"])]})
        ['', 'uni100']
    """
    return [metric.partition(RANKING_SEPARATOR)[2] for metric in ranked_metrics(variants)]


def moves(jobs: list[JobResult], baseline: list[JobResult], ranking: str) -> list[RankMove]:
    """Where a variant ranks more of the test targets.

    Args:
        jobs: Results of the variant, one for each seed.
        baseline: Results of the baseline.
        ranking: Name of the ranking, empty for the main one.

    Returns:
        The bins by rising rank; none where no seed of both has the same test rows.

    Example:
        >>> for move in moves(results[2:], results[:2], "")[:2]:
        ...     print(move.label, f"{move.mean:.3f}")
        1 0.000
        2 to 3 0.000
    """
    pairs = [pair for pair in (_bins(*pair, ranking) for pair in paired(jobs, baseline)) if pair]
    if not pairs:
        return []
    each = np.mean([_is_in(ours) - _is_in(theirs) for ours, theirs in pairs], axis=0)
    errors = 2 * each.std(axis=0, ddof=1) / np.sqrt(len(each)) if len(each) > 1 else None
    return [
        RankMove(label, float(mean), None if errors is None else float(errors[number]))
        for number, (label, mean) in enumerate(zip(_labels(), each.mean(axis=0), strict=True))
    ]


def _picture(variants: ByVariant, baseline: str, ranking: str) -> Picture:
    traces, style_of = [], styles(variants)
    for variant, jobs in variants.items():
        found = [] if variant == baseline else moves(jobs, variants.get(baseline, []), ranking)
        if found:
            labels, means, errors = zip(*found, strict=True)
            spread = {"type": "data", "array": errors, "visible": any(errors)}
            look = style_of[variant].bar
            traces.append(Bar(x=labels, y=means, error_y=spread, name=variant, **look))
    title = f"Ranks of the test items{', ' + ranking if ranking else ''}"
    axis = f"fraction of test rows, minus that of {baseline}"
    figure = drawn(traces, "rank", axis, xaxis_type="category", yaxis_tickformat=".1%")
    return Picture(title, figure, _READING.format(baseline=baseline))


def _bins(
    ours: JobResult, theirs: JobResult, ranking: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The bin of each test row with both jobs."""
    a, b = ours.target_ranks, theirs.target_ranks
    if a is None or b is None or not a.has_rows_of(b):
        return None
    first, second = (one.also.get(ranking) if ranking else one.ranks for one in (a, b))
    return None if first is None or second is None else (_bin_of(first), _bin_of(second))


def _bin_of(ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.searchsorted(_FIRST, ranks, side="right") - 1, dtype=np.int64)


def _is_in(bins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Whether a row is in each bin, shape [rows, bins]."""
    return np.asarray(bins[:, None] == np.arange(len(_FIRST)), dtype=np.float64)


def _labels() -> list[str]:
    bounds = zip(_FIRST[:-1], _FIRST[1:] - 1, strict=True)
    labels = [f"{low}" if low == high else f"{low} to {high}" for low, high in bounds]
    return [*labels, f"from {_FIRST[-1]}"]
