"""The numbers behind the figures of a comparison, as data frames."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from pandas import DataFrame

from recbole_fn.report.curves import curve
from recbole_fn.report.group_lift import GROUPED_BY, grouped, lifted_metrics
from recbole_fn.report.rank_moves import moves, rankings
from recbole_fn.report.reading import ByVariant, Group, ranked_metrics
from recbole_fn.results.job_result import JobResult

_GROUP = ["dataset", "model", "variant", "metric"]
CURVE_COLUMNS = [*_GROUP, "epoch", "seeds", "mean", "std"]
GAIN_COLUMNS = [*_GROUP, "by", "group", "rows", "mean", "error"]


def curves_frame(groups: Sequence[Group]) -> DataFrame:
    """The validation scores of each epoch.

    Args:
        groups: The jobs of each data set and model.

    Returns:
        A line for each variant, metric and validated epoch (from 0), with the mean and the
        standard deviation (of a sample, 0 for one seed) over the seeds that got so far.

    Example:
        >>> curves_frame([]).columns[4:].tolist()
        ['epoch', 'seeds', 'mean', 'std']
    """
    lines = [[one.dataset, one.model, *line] for one in groups for line in _curves(one.variants)]
    return DataFrame(lines, columns=CURVE_COLUMNS)


def gains_frame(groups: Sequence[Group]) -> DataFrame:
    """What each variant gains over the baseline by group of test rows, and where it ranks them.

    Args:
        groups: The jobs of each data set and model.

    Returns:
        A line for each variant, metric and group: `by` is `popularity`, `history_lengths` or,
        with feedback, `negative_percents`, with the gain of the metric and the rows of the
        group; or `rank`, with the fraction of all rows that has such a rank, variant minus
        baseline, for metrics named `rank/<ranking>`.
        `error` is two standard errors over the test rows.

    Example:
        >>> gains_frame([]).columns[4:].tolist()
        ['by', 'group', 'rows', 'mean', 'error']
    """
    lines = [
        [one.dataset, one.model, variant, *line]
        for one in groups
        for variant, jobs in one.variants.items()
        if variant != one.baseline
        for line in [*_lifts(one, jobs), *_moves(one, jobs)]
    ]
    # A column with empty cells, as those of ranks are, is of floats otherwise.
    return DataFrame(lines, columns=GAIN_COLUMNS).astype({"rows": "Int64"})


def _curves(variants: ByVariant) -> Iterator[list[Any]]:
    for metric in ranked_metrics(variants):
        for variant, jobs in variants.items():
            scores = partial(JobResult.valid_scores, metric=metric)
            points = curve(jobs, scores)
            for epoch, mean, std in zip(points.epochs, points.means, points.stds, strict=True):
                seeds = sum(epoch in scores(job) for job in jobs)
                yield [variant, metric, epoch, seeds, mean, std]


def _lifts(group: Group, jobs: list[JobResult]) -> Iterator[list[Any]]:
    for by in GROUPED_BY:
        for metric in lifted_metrics(group.variants):
            for lift in grouped(jobs, group.variants.get(group.baseline, []), metric, by):
                yield [metric, by, lift.label, lift.rows, lift.mean, lift.error]


def _moves(group: Group, jobs: list[JobResult]) -> Iterator[list[Any]]:
    for ranking in rankings(group.variants):
        name = f"rank/{ranking}" if ranking else "rank"
        for move in moves(jobs, group.variants.get(group.baseline, []), ranking):
            yield [name, "rank", move.label, None, move.mean, move.error]
