"""For whom a variant is better: gains by popularity, history length and negative feedback."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Bar

from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.report.reading import ByVariant, ranked_metrics
from recbole_fn.report.style import Picture, drawn, styles
from recbole_fn.results.job_result import JobResult
from recbole_fn.results.pairing import paired
from recbole_fn.results.target_ranks import TargetRanks, of_rows

_GROUPS = 5
_FALLBACK = "ndcg@10"  # where the validation metric does not follow from ranks
_READING = (
    "Above 0 the variant is better than {baseline}; bars are means over test rows and over the "
    "seeds that both have, whiskers two standard errors over the test rows. Rows are grouped by "
    "the values that {baseline} has; a group has at least a tenth of them."
)
# Arrays of `TargetRanks`: the title of the figure, and that of its axis.
GROUPED_BY = {
    "popularity": ("Gain by popularity of the test item", "users who had it in training, number"),
    "history_lengths": ("Gain by history length", "items that the model is shown, number"),
    "negative_percents": (
        "Gain by negative feedback",
        "negative feedback among the user's earlier interactions, percent",
    ),
}


class GroupLift(NamedTuple):
    """What a variant gains in a group of test rows.

    Attributes:
        label: The group.
        rows: Its test rows.
        mean: Mean of the gains.
        error: Two standard errors of the mean; None for one row.

    Example:
        >>> GroupLift("1 to 5", rows=200, mean=0.01, error=0.004).label
        '1 to 5'
    """

    label: str
    rows: int
    mean: float
    error: float | None


def lift_pictures(variants: ByVariant, baseline: str) -> list[Picture]:
    """Gains over the baseline by group of test rows, a figure for each way of grouping.

    Args:
        variants: Results by variant.
        baseline: The variant that the others are compared with.

    Example:
        >>> variants = {"off": results[:2], "flip": results[2:]}
        >>> [picture.title for picture in lift_pictures(variants, baseline="off")]
        ['Gain by popularity of the test item', 'Gain by history length']
    """
    metrics = lifted_metrics(variants)
    return [
        _picture(variants, baseline, field, metric)
        for field in GROUPED_BY
        if field != "negative_percents" or _has_feedback(variants)
        for metric in metrics
    ]


def _has_feedback(variants: ByVariant) -> bool:
    ranks = [job.target_ranks for jobs in variants.values() for job in jobs]
    return any(one is not None and one.negative_percents is not None for one in ranks)


def _picture(variants: ByVariant, baseline: str, field: str, metric: str) -> Picture:
    traces, style_of = [], styles(variants)
    for variant, jobs in variants.items():
        lifts = (
            [] if variant == baseline else grouped(jobs, variants.get(baseline, []), metric, field)
        )
        if lifts:
            labels, rows, means, errors = zip(*lifts, strict=False)
            spread = {"type": "data", "array": errors, "visible": any(errors)}
            texts = {"customdata": rows, "hovertemplate": "%{y:+.4f}, %{customdata} test rows"}
            bars = Bar(
                x=labels, y=means, error_y=spread, name=variant, **texts, **style_of[variant].bar
            )
            traces.append(bars)
    title, axis = GROUPED_BY[field]
    if RANKING_SEPARATOR in metric:
        title = f"{title}, {metric}"
    figure = drawn(traces, axis, f"{metric} minus that of {baseline}", xaxis_type="category")
    return Picture(title, figure, _READING.format(baseline=baseline))


def lifted_metrics(variants: ByVariant) -> list[str]:
    """The validation metric in each ranking where it follows from ranks, else `ndcg@10`.

    Example:
        >>> from types import SimpleNamespace
        >>> lifted_metrics({"off": [SimpleNamespace(ranked_metrics=["gauc"])]})
        ['ndcg@10']
    """
    metrics = ranked_metrics(variants)
    name = metrics[0].partition(RANKING_SEPARATOR)[0]
    return metrics if of_rows(name, np.ones(1, dtype=np.int64)) is not None else [_FALLBACK]


def grouped(
    jobs: list[JobResult], baseline: list[JobResult], metric: str, field: str
) -> list[GroupLift]:
    """The gains of a variant.

    Args:
        jobs: Results of the variant, one for each seed.
        baseline: Results of the baseline.
        metric: A metric that follows from ranks.
        field: The array of the baseline's `TargetRanks` by which rows are grouped.

    Returns:
        The groups, by rising values; none where no seed of both has the same test rows.

    Example:
        >>> for lift in grouped(results[2:], results[:2], "ndcg@10", "popularity")[:2]:
        ...     print(lift.label, f"{lift.mean:.3f}")
        0 to 3 -0.039
        4 to 7 -0.014
    """
    pairs = [pair for pair in map(_ranks, paired(jobs, baseline)) if pair is not None]
    # Variants may show the model lists of other lengths; the baseline's groups serve all.
    values = getattr(pairs[0][1], field) if pairs else None
    if values is None:
        return []
    if any(one.values(metric) is None for pair in pairs for one in pair):
        return []
    differences = [_values(metric, ours) - _values(metric, theirs) for ours, theirs in pairs]
    gain = np.mean(differences, axis=0)
    bounds = group_bounds(values)
    number = np.searchsorted(bounds[1:-1], values, side="right")
    return [_lift(values[number == one], gain[number == one]) for one in np.unique(number)]


def group_bounds(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bounds of groups that hold about a fifth of the values, and at least a tenth.

    Equal values are in one group, so many equal ones make a large group: most users of a data
    set may have histories of the greatest length.

    Args:
        values: The values, shape [R].

    Returns:
        The lowest value of each group, and one that is above all, shape [groups + 1].

    Example:
        >>> group_bounds(np.arange(10)).tolist()
        [0, 2, 4, 6, 8, 10]
    """
    distinct, counts = np.unique(values, return_counts=True)
    enough, rows, bounds = len(values) / _GROUPS, 0, [distinct[0]]
    for value, count in zip(distinct, counts, strict=False):
        if rows >= (enough / 2 if count >= enough else enough):
            bounds.append(value)
            rows = 0
        rows += count
    if rows < enough / 2 and len(bounds) > 1:
        bounds.pop()
    return np.append(bounds, distinct[-1] + 1)


def _ranks(pair: tuple[JobResult, JobResult]) -> tuple[TargetRanks, TargetRanks] | None:
    """The ranks of two jobs with the same test rows."""
    ours, theirs = (job.target_ranks for job in pair)
    return (ours, theirs) if ours and theirs and ours.has_rows_of(theirs) else None


def _values(metric: str, ranks: TargetRanks) -> NDArray[np.float64]:
    return np.asarray(ranks.values(metric))


def _lift(values: NDArray[np.int64], gain: NDArray[np.float64]) -> GroupLift:
    low, high, rows = values.min(), values.max(), len(gain)
    error = float(2 * gain.std(ddof=1) / np.sqrt(rows)) if rows > 1 else None
    return GroupLift(
        f"{low}" if low == high else f"{low} to {high}", rows, float(gain.mean()), error
    )
