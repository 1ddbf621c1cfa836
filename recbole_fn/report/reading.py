"""Reads the output folder of a comparison, finished or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recbole_fn.report.notes import conditions, detectable
from recbole_fn.results import tables
from recbole_fn.results.comparison_file import ComparisonFile
from recbole_fn.results.job_result import JobResult
from recbole_fn.results.statistics import Row, compare_results
from recbole_fn.utils.errors import InputError

ByVariant = dict[str, list[JobResult]]  # the results of each variant, one for each seed


def ranked_metrics(variants: ByVariant) -> list[str]:
    """The metric of the validation scores in each ranking, over the jobs of all variants.

    Example:
        >>> from types import SimpleNamespace
        >>> job = SimpleNamespace(ranked_metrics=["ndcg@10", "ndcg@10/uni100"])
        >>> ranked_metrics({"off": [job], "flip": [job]})
        ['ndcg@10', 'ndcg@10/uni100']
    """
    jobs = (job for jobs in variants.values() for job in jobs)
    return list(dict.fromkeys(metric for job in jobs for metric in job.ranked_metrics))


@dataclass(frozen=True)
class Group:
    """The jobs of a data set and a model.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model.
        baseline: The variant that the others are compared with.
        variants: Results by variant, in the order of the tables.
        rows: The rows of the tables.

    Example:
        >>> for group in read_summary(comparison).groups:
        ...     print(group.model, group.dataset, list(group.variants))
        M d ['off', 'flip']
    """

    dataset: str
    model: str
    baseline: str
    variants: ByVariant
    rows: Sequence[Row]


@dataclass(frozen=True)
class Summary:
    """The finished jobs of a comparison.

    Attributes:
        baseline: The variant that the others are compared with.
        rows: The rows of all tables.
        groups: The jobs of each (data set, model).
        notes: Sentences on how the jobs were run; the first one counts them if some are missing.

    Example:
        >>> print(Summary("off", rows=[], groups=[], notes=["A note."]).text)
        Seeds: none; mean ± standard deviation over the seeds.
        A note.
    """

    baseline: str
    rows: list[Row]
    groups: list[Group]
    notes: list[str]

    @property
    def text(self) -> str:
        """The tables for the screen."""
        return tables.as_text(self.rows, self.baseline, self.notes)


def read_summary(folder: Path) -> Summary:
    """Reads the finished jobs of a comparison.

    Args:
        folder: The output folder.

    Raises:
        InputError: If the folder holds no comparison, or a file is damaged.

    Example:
        >>> read_summary(Path("nowhere"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: 'nowhere' ...
    """
    file = ComparisonFile.read(folder)
    paths = [folder / "jobs" / f"{name}.json" for name in file.jobs]
    results = [JobResult.read(path, load_ranks=True) for path in paths if path.is_file()]
    rows = compare_results(results, file.baseline)
    notes = [*progress(len(results), len(paths)), *file.notes, *conditions(results)]
    notes += detectable(rows, results, file.baseline)
    return Summary(
        file.baseline, rows, _groups(results, rows, file.baseline), list(dict.fromkeys(notes))
    )


def read_finished(folder: Path) -> Summary:
    """Reads the finished jobs of a comparison, of which there must be one.

    Args:
        folder: The output folder.

    Raises:
        InputError: As `read_summary`, and if no job has finished.

    Example:
        >>> summary = read_finished(comparison)
        >>> len(summary.rows), "flip" in summary.text
        (4, True)
    """
    summary = read_summary(folder)
    if not summary.rows:
        raise InputError(f"no job in {str(folder)!r} has finished; at least one must have")
    return summary


def progress(finished: int, planned: int) -> list[str]:
    """A note if some jobs have not finished.

    Example:
        >>> progress(2, 6)
        ['NOT FINISHED: 2 of 6 jobs have finished; everything here is of these alone.']
        >>> progress(6, 6)
        []
    """
    if finished == planned:
        return []
    numbers = f"{finished} of {planned} jobs have finished"
    return [f"NOT FINISHED: {numbers}; everything here is of these alone."]


def _groups(results: Sequence[JobResult], rows: Sequence[Row], baseline: str) -> list[Group]:
    groups = []
    for (dataset, model), of_group in tables.groups(rows):
        variants: ByVariant = {row.variant: [] for row in of_group}
        for job in results:
            if (job.dataset, job.model) == (dataset, model):
                variants[job.variant].append(job)
        groups.append(Group(dataset, model, baseline, variants, of_group))
    return groups
