"""Means, differences and paired tests of the variants of a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

import numpy as np

from recbole_fn.results.job_result import JobResult
from recbole_fn.results.multiple_tests import holm
from recbole_fn.results.paired_inference import PairedInference, infer
from recbole_fn.results.pairing import Pairs, paired, row_differences

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
        difference: Difference to the baseline in percent of the baseline's size, over the seeds
            that both have; None for the baseline itself, and if the baseline is 0.
        difference_low: Lower end of the difference's 95 % interval, in the same percent; None
            without a test.
        difference_high: Its upper end.
        detectable: The smallest difference that the test would have found with a power of about
            80 %, in the same percent; an underestimate with two to five seeds; None without
            a test.
        p: p value of a paired, two-sided t test against the baseline; None without a test.
        p_holm: `p` after Holm's correction over all tests of the comparison.
        test: What the test pairs: `users and seeds`, `users` if there is one seed, or `seeds` if
            the metric has no value for each user; empty without a test.
        seeds: Number of seeds.
        seconds_per_epoch: Mean over the seeds.
        peak_memory_bytes: Maximum over the seeds.

    Example:
        >>> for row in compare_results(results, baseline="off")[::2]:
        ...     print(row.variant, row.metric, row.seeds, row.test or "-")
        off ndcg@10 2 -
        flip ndcg@10 2 users and seeds
    """

    dataset: str
    model: str
    variant: str
    metric: str
    mean: float
    std: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    detectable: float | None
    p: float | None
    p_holm: float | None
    test: str
    seeds: int
    seconds_per_epoch: float
    peak_memory_bytes: int


def percent(value: float, baseline: float) -> float | None:
    """Difference of a value to a baseline, in percent of the baseline's size; None if that is 0.

    A metric may be negative, such as `hit_difference@10`; a higher value is a gain there too.

    Example:
        >>> percent(3.0, 2.0), percent(-1.0, -2.0)
        (50.0, 50.0)
    """
    return None if baseline == 0 else 100 * (value - baseline) / abs(baseline)


def compare_results(results: Sequence[JobResult], baseline: str) -> list[Row]:
    """The rows of a whole comparison, in the order of the results.

    Args:
        results: Results of jobs, with their target ranks.
        baseline: Name of the variant that the others are compared with.

    Example:
        >>> rows = compare_results(results, baseline="off")
        >>> sorted({row.variant for row in rows}), f"{rows[0].mean:.2f}"
        (['flip', 'off'], '0.25')
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

    Example:
        >>> [f"{row.mean:.2f}" for row in summarize(results[2:], results[:2])]
        ['0.25', '0.22']
    """
    return [_row(jobs, baseline, metric) for metric in metrics_of(jobs[0])]


def metrics_of(job: JobResult) -> dict[str, float]:
    """The metrics of a job's test, and the mean of its last validations.

    The test evaluates the checkpoint of the best validation, which often precedes the first
    extracted item. The last validations evaluate models that extraction has shaped.

    Example:
        >>> from types import SimpleNamespace
        >>> job = SimpleNamespace(test={"ndcg@10": 0.2}, ranked_metrics=["ndcg@10"])
        >>> job.valid_scores = lambda metric: {0: 0.25, 2: 0.75}  # by epoch
        >>> metrics_of(job)
        {'ndcg@10': 0.2, 'valid ndcg@10, last 5': 0.5}
    """
    scores = {metric: [*job.valid_scores(metric).values()] for metric in job.ranked_metrics}
    return {**job.test, **{last_validations(m): fmean(s[-_LAST:]) for m, s in scores.items() if s}}


def last_validations(metric: str) -> str:
    """Name of the mean of a metric over the last validations.

    Example:
        >>> last_validations("ndcg@10")
        'valid ndcg@10, last 5'
    """
    return f"valid {metric}, last {_LAST}"


def _row(jobs: Sequence[JobResult], baseline: Sequence[JobResult], metric: str) -> Row:
    values = [metrics_of(job)[metric] for job in jobs]
    pairs = [] if jobs is baseline else paired(jobs, baseline)
    inference = _inference(pairs, metric)
    low, difference, high, detectable = _percentages(pairs, metric, inference)
    return Row(
        dataset=jobs[0].dataset,
        model=jobs[0].model,
        variant=jobs[0].variant,
        metric=metric,
        mean=fmean(values),
        std=stdev(values) if len(values) > 1 else None,
        difference=difference,
        difference_low=low,
        difference_high=high,
        detectable=detectable,
        p=inference.p if inference else None,
        p_holm=None,
        test=inference.paired if inference else "",
        seeds=len(values),
        seconds_per_epoch=fmean(job.seconds_per_epoch for job in jobs),
        peak_memory_bytes=max(job.peak_memory_bytes for job in jobs),
    )


def _values(pairs: Pairs, metric: str) -> list[list[float]]:
    """The metric of the variant's jobs, and of the baseline's."""
    return [[metrics_of(pair[side])[metric] for pair in pairs] for side in (0, 1)]


def _inference(pairs: Pairs, metric: str) -> PairedInference | None:
    """By test rows where all jobs have them, otherwise by what RecBole reports of each seed."""
    if not pairs:
        return None
    rows = row_differences(pairs, metric)
    if rows is not None:
        return infer(*rows)
    ours, theirs = _values(pairs, metric)
    return infer(np.subtract(ours, theirs)[:, np.newaxis])


def _percentages(
    pairs: Pairs, metric: str, inference: PairedInference | None
) -> tuple[float | None, float | None, float | None, float | None]:
    """Low end, difference, high end, and what is detectable, in percent of the baseline's size."""
    ours, theirs = map(fmean, _values(pairs, metric)) if pairs else (0.0, 0.0)
    difference = percent(ours, theirs)
    if difference is None or inference is None:
        return None, difference, None, None
    reach = 100 * (inference.high - inference.mean) / abs(theirs)
    detectable = 100 * inference.detectable / abs(theirs)
    return difference - reach, difference, difference + reach, detectable
