"""Means, differences and paired tests of the variants of a comparison."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import ttest_rel

from recbole_fn.results.job_result import JobResult

_LAST = 5  # validations


@dataclass(frozen=True)
class Row:
    """One metric of one variant.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model.
        variant: Name of the variant.
        metric: Name of a metric of the test, or of the last validations (`metrics_of`).
        mean: Mean over the seeds.
        std: Standard deviation over the seeds (of a sample, n - 1); None for one seed.
        difference: Difference to the baseline in percent of the baseline, over the seeds that
            both have; None for the baseline itself, and if the baseline is 0.
        p: p value of a paired, two-sided t test against the baseline; None without a test.
        p_holm: `p` after Holm's correction over all tests of the comparison.
        test: What the test pairs: `seeds`, or `test rows` if there is one seed.
        seeds: Number of seeds.
        seconds_per_epoch: Mean over the seeds.
        peak_memory_bytes: Maximum over the seeds.
    """

    dataset: str
    model: str
    variant: str
    metric: str
    mean: float
    std: float | None
    difference: float | None
    p: float | None
    p_holm: float | None
    test: str
    seeds: int
    seconds_per_epoch: float
    peak_memory_bytes: int


def paired_p(values: ArrayLike, baseline: ArrayLike) -> float | None:
    """P value of a paired, two-sided t test.

    Args:
        values: Measurements of a variant, shape [n].
        baseline: Measurements of the baseline in the same order, shape [n].

    Returns:
        The p value; None if there is no spread to judge by: one pair, or no difference in any.

    Example:
        >>> round(paired_p([0.31, 0.33, 0.35], [0.3, 0.3, 0.3]), 4)
        0.1217
    """
    ours, theirs = np.asarray(values, dtype=float), np.asarray(baseline, dtype=float)
    if len(ours) < 2 or (ours == theirs).all():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of equal differences: p is 0
        p = float(ttest_rel(ours, theirs).pvalue)
    return None if math.isnan(p) else p


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction, which bounds the chance of any false positive.

    The k-th smallest of n p values is multiplied by n - k + 1; no corrected value is smaller than
    that of a smaller p value, or greater than 1 (Holm 1979, A simple sequentially rejective
    multiple test procedure).

    Args:
        p_values: The p values of all tests; None where there was no test.

    Returns:
        The corrected p values in the same order.

    Example:
        >>> holm([0.01, None, 0.04, 0.02])
        [0.03, None, 0.04, 0.04]
    """
    tests = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected, greatest = list(p_values), 0.0
    for smaller, (p, place) in enumerate(tests):
        greatest = max(greatest, min(1.0, (len(tests) - smaller) * p))
        corrected[place] = greatest
    return corrected


def percent(value: float, baseline: float) -> float | None:
    """Difference of a value to a baseline, in percent of the baseline; None if that is 0.

    Example:
        >>> percent(3.0, 2.0)
        50.0
    """
    return None if baseline == 0 else 100 * (value - baseline) / baseline


def compare_results(results: Sequence[JobResult], baseline: str) -> list[Row]:
    """The rows of a whole comparison, in the order of the results.

    Args:
        results: Results of jobs, with their target ranks.
        baseline: Name of the variant that the others are compared with.
    """
    variants: dict[tuple[str, str, str], list[JobResult]] = {}
    for job in results:
        variants.setdefault((job.dataset, job.model, job.variant), []).append(job)
    rows = []
    for (dataset, model, _), jobs in variants.items():
        rows += summarize(jobs, variants.get((dataset, model, baseline), []))
    corrected = holm([row.p for row in rows])
    return [replace(row, p_holm=p) for row, p in zip(rows, corrected, strict=True)]


def summarize(jobs: Sequence[JobResult], baseline: Sequence[JobResult]) -> list[Row]:
    """The rows of one variant of one data set and model, without Holm's correction.

    Args:
        jobs: Results of the variant, one for each seed; at least one.
        baseline: Results of the baseline; the same object as `jobs` for the baseline itself.
    """
    return [_row(jobs, baseline, metric) for metric in metrics_of(jobs[0])]


def metrics_of(job: JobResult) -> dict[str, float]:
    """The metrics of a job's test, and the mean of its last validations.

    The test evaluates the checkpoint of the best validation, which often precedes the first
    extracted item. The last validations evaluate models that extraction has shaped.
    """
    scores = [epoch.valid_score for epoch in job.history]
    last = [score for score in scores if score is not None][-_LAST:]
    of_last = {last_validations(job.valid_metric): fmean(last)} if last else {}
    return {**job.test, **of_last}


def last_validations(metric: str) -> str:
    """Name of the mean of a metric over the last validations.

    Example:
        >>> last_validations("ndcg@10")
        'valid ndcg@10, last 5'
    """
    return f"valid {metric}, last {_LAST}"


def paired(
    jobs: Sequence[JobResult], baseline: Sequence[JobResult]
) -> list[tuple[JobResult, JobResult]]:
    """The jobs of a variant, each with the baseline's job of the same seed, if there is one."""
    of_seed = {job.seed: job for job in baseline}
    return [(job, of_seed[job.seed]) for job in jobs if job.seed in of_seed]


def _row(jobs: Sequence[JobResult], baseline: Sequence[JobResult], metric: str) -> Row:
    values = [metrics_of(job)[metric] for job in jobs]
    pairs = [] if jobs is baseline else paired(jobs, baseline)
    ours = [metrics_of(job)[metric] for job, _ in pairs]
    theirs = [metrics_of(job)[metric] for _, job in pairs]
    return Row(
        dataset=jobs[0].dataset,
        model=jobs[0].model,
        variant=jobs[0].variant,
        metric=metric,
        mean=fmean(values),
        std=stdev(values) if len(values) > 1 else None,
        difference=percent(fmean(ours), fmean(theirs)) if pairs else None,
        p=_p_of_rows(*pairs[0], metric) if len(pairs) == 1 else paired_p(ours, theirs),
        p_holm=None,
        test=("test rows" if len(pairs) == 1 else "seeds") if pairs else "",
        seeds=len(values),
        seconds_per_epoch=fmean(job.seconds_per_epoch for job in jobs),
        peak_memory_bytes=max(job.peak_memory_bytes for job in jobs),
    )


def _p_of_rows(job: JobResult, baseline: JobResult, metric: str) -> float | None:
    """The test over the test rows of one seed; None for a metric that ranks do not determine."""
    ours, theirs = job.target_ranks, baseline.target_ranks
    if ours is None or theirs is None or not ours.has_rows_of(theirs):
        return None
    values, of_baseline = ours.values(metric), theirs.values(metric)
    return None if values is None or of_baseline is None else paired_p(values, of_baseline)
