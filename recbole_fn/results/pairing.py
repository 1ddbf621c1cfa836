"""Pairs the jobs of a variant with those of the baseline, and their test rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recbole_fn.results.job_result import JobResult

Pairs = Sequence[tuple[JobResult, JobResult]]


def paired(
    jobs: Sequence[JobResult], baseline: Sequence[JobResult]
) -> list[tuple[JobResult, JobResult]]:
    """The jobs of a variant, each with the baseline's job of the same seed, if there is one.

    Example:
        >>> from types import SimpleNamespace
        >>> jobs = [SimpleNamespace(seed=seed) for seed in (1, 2, 3)]
        >>> [(job.seed, other.seed) for job, other in paired(jobs[:2], jobs[1:])]
        [(2, 2)]
    """
    of_seed = {job.seed: job for job in baseline}
    return [(job, of_seed[job.seed]) for job in jobs if job.seed in of_seed]


def row_differences(
    pairs: Pairs, metric: str
) -> tuple[NDArray[np.float64], NDArray[np.str_]] | None:
    """Differences of a metric of the test, row by row.

    Args:
        pairs: Jobs of a variant, each with that of the baseline; at least one pair.
        metric: Name of the metric.

    Returns:
        Variant minus baseline, shape [seeds, rows], and the user of each row, shape [rows]; None
        for a metric that ranks do not determine, and if the jobs do not all have the ranks of
        the same rows.

    Example:
        >>> differences, users = row_differences(paired(results[2:], results[:2]), "ndcg@10")
        >>> differences.shape, users.shape  # [seeds, rows], [rows]
        ((2, 40), (40,))
    """
    ranks = [[job.target_ranks for job in pair] for pair in pairs]
    first = ranks[0][0]
    if first is None:
        return None
    differences = []
    for ours, theirs in ranks:
        if not (ours and theirs and first.has_rows_of(ours) and first.has_rows_of(theirs)):
            return None
        values, of_baseline = ours.values(metric), theirs.values(metric)
        if values is None or of_baseline is None:
            return None
        differences.append(values - of_baseline)
    return np.stack(differences), first.users
