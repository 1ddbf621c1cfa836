"""Means, differences and paired tests of variants, from what their jobs found."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import ttest_rel

Found = Mapping[str, Any]  # what a job's file holds, and the path of its ranks
RowsOf = Any  # see `summarize`

_LAST = 5  # validations


@dataclass(frozen=True)
class Row:
    """One metric of one variant.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model.
        variant: Name of the variant.
        metric: Name of the metric, of the test; or see `metrics_of`.
        mean: Mean over the seeds.
        std: Standard deviation over the seeds (of a sample, n - 1); None for one seed.
        difference: To the baseline, in per cent of the baseline, over the seeds both have; None
            for the baseline itself, and where the baseline is 0.
        p: p value of a paired, two-sided t test against the baseline; None where it has none.
        test: What the test pairs: `seeds`, or `test rows` where there is one seed.
        seeds: Number of seeds.
        seconds_per_epoch: Mean over the seeds.
        peak_memory_bytes: The highest over the seeds.
    """

    dataset: str
    model: str
    variant: str
    metric: str
    mean: float
    std: float | None
    difference: float | None
    p: float | None
    test: str
    seeds: int
    seconds_per_epoch: float
    peak_memory_bytes: int


def paired_p(values: ArrayLike, baseline: ArrayLike) -> float | None:
    """P value of a paired, two-sided t test.

    Args:
        values: Measurements of a variant, shape [n].
        baseline: Those of the baseline, in the same order, shape [n].

    Returns:
        The p value; None where there is no spread to judge by: one pair, or no difference in any.
    """
    ours, theirs = np.asarray(values, dtype=float), np.asarray(baseline, dtype=float)
    if len(ours) < 2 or (ours == theirs).all():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of equal differences: p is 0
        p = float(ttest_rel(ours, theirs).pvalue)
    return None if math.isnan(p) else p


def percent(value: float, baseline: float) -> float | None:
    """How much a value is above the baseline, in per cent of the baseline; None where that is 0."""
    return None if baseline == 0 else 100 * (value - baseline) / baseline


def summarize(variant: Sequence[Found], baseline: Sequence[Found], rows_of: RowsOf) -> list[Row]:
    """The rows of one variant, for one data set and model.

    Args:
        variant: What the variant's jobs found, a seed each; at least one.
        baseline: What the baseline's jobs found; may be the same, or empty.
        rows_of: Called with a job's findings and a metric, returns the metric of each test row,
            shape [R], or None; asked for where there is one seed.
    """
    return [_row(variant, baseline, metric, rows_of) for metric in metrics_of(variant[0])]


def metrics_of(found: Found) -> dict[str, float]:
    """The metrics of a job's test, and the mean of its last validations.

    What is tested is the checkpoint of the best validation, often one from before extraction had
    changed anything. The last validations are of models that it has shaped.

    Args:
        found: What the job found.
    """
    scores = [epoch["valid_score"] for epoch in found["history"]]
    last = [score for score in scores if score is not None][-_LAST:]
    of_last = {last_validations(found["valid_metric"]): fmean(last)} if last else {}
    return {**found["test"], **of_last}


def last_validations(metric: str) -> str:
    """What the mean of a metric over the last validations is called."""
    return f"valid {metric}, last {_LAST}"


def paired(variant: Sequence[Found], baseline: Sequence[Found]) -> list[tuple[Found, Found]]:
    """The jobs of a variant, each with the baseline's job of the same seed, where there is one."""
    of_seed = {found["seed"]: found for found in baseline}
    return [(found, of_seed[found["seed"]]) for found in variant if found["seed"] in of_seed]


def _row(variant: Sequence[Found], baseline: Sequence[Found], metric: str, rows_of: RowsOf) -> Row:
    values = [metrics_of(found)[metric] for found in variant]
    pairs = [] if variant is baseline else paired(variant, baseline)
    ours, theirs = ([metrics_of(found)[metric] for found in side] for side in _sides(pairs))
    p, test = paired_p(ours, theirs), "seeds"
    if len(pairs) == 1:
        per_row = [rows_of(found, metric) for found in pairs[0]]
        p, test = None if per_row[0] is None else paired_p(*per_row), "test rows"
    return Row(
        dataset=variant[0]["dataset"],
        model=variant[0]["model"],
        variant=variant[0]["variant"],
        metric=metric,
        mean=fmean(values),
        std=stdev(values) if len(values) > 1 else None,
        difference=percent(fmean(ours), fmean(theirs)) if pairs else None,
        p=p,
        test=test if pairs else "",
        seeds=len(values),
        seconds_per_epoch=fmean(found["seconds_per_epoch"] for found in variant),
        peak_memory_bytes=max(found["peak_memory_bytes"] for found in variant),
    )


def _sides(pairs: Sequence[tuple[Found, Found]]) -> tuple[list[Found], list[Found]]:
    return [first for first, _ in pairs], [second for _, second in pairs]
