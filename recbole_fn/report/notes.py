"""Notes below the tables of a comparison."""

from collections.abc import Mapping, Sequence

from recbole_fn.config.settings import FNSettings
from recbole_fn.report.comparable import changed_datasets
from recbole_fn.results.job_result import JobResult
from recbole_fn.results.statistics import Row
from recbole_fn.training.parts import Parts


def conditions(results: Sequence[JobResult]) -> list[str]:
    """Sentences on how the jobs were run, as far as readers of the tables must know.

    Example:
        >>> conditions(results)[0][:83]
        'M, d, flip, seed 1, 2: tested is a checkpoint from before the first extracted item,'
    """
    settings = [FNSettings.from_config(result.config) for result in results]
    numbers = {one.eval_candidates for one in settings} - {None}
    notes = [f"A target is ranked among {n} items that are fixed for its user." for n in numbers]
    if not numbers and any(one.eval_exclude for one in settings):
        notes.append("Items of the user's own history are left out of the ranking.")
    notes += averaged_weights(results) + without_extraction(results)
    notes += still_rising(results) + different_epochs(results)
    changed = changed_datasets(results)
    return notes + [f"NOT COMPARABLE: {one} has changed between jobs." for one in changed]


def averaged_weights(results: Sequence[JobResult]) -> list[str]:
    """A note if variants differ in weight averaging, and none shows what averaging gains alone.

    Example:
        >>> from types import SimpleNamespace
        >>> strategies = ("flip", "off")
        >>> configs = [{"fn_enabled": True, "fn_strategy": strategy} for strategy in strategies]
        >>> averaged_weights([SimpleNamespace(config=config) for config in configs])
        ['Variants with a teacher are evaluated with averaged weights, ...']
    """
    parts = [Parts.of(result.config) for result in results]
    taught = [one for one in parts if one.settings.enabled and one.settings.eval_with == "teacher"]
    by_teacher = {one.treatment.averages for one in taught}
    if by_teacher != {True, False} or any(one.settings.strategy == "average" for one in parts):
        return []
    return [
        "Variants with a teacher are evaluated with averaged weights, which may gain by "
        "themselves; the variant average tells how much."
    ]


def without_extraction(results: Sequence[JobResult]) -> list[str]:
    """A note on jobs whose tested checkpoint precedes the first extracted item.

    Example:
        >>> without_extraction(results)[0][:83]
        'M, d, flip, seed 1, 2: tested is a checkpoint from before the first extracted item,'
        >>> without_extraction(results[:2])
        []
    """
    early: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        first = first_extraction(result)
        if first is not None and result.best_epoch < first:
            key = (result.dataset, result.model, result.variant)
            early.setdefault(key, []).append(str(result.seed))
    return [
        f"{model}, {dataset}, {variant}, seed {', '.join(seeds)}: tested is a checkpoint from "
        f"before the first extracted item, which says nothing of extraction; the last "
        "validations do."
        for (dataset, model, variant), seeds in early.items()
    ]


def different_epochs(results: Sequence[JobResult]) -> list[str]:
    """A note on jobs that may train for different numbers of epochs, such as before an extension.

    Example:
        >>> from types import SimpleNamespace
        >>> names = {"dataset": "tiny", "model": "SASRec"}
        >>> different_epochs([SimpleNamespace(**names, config={"epochs": n}) for n in (9, 3)])
        ['SASRec, tiny: jobs may train for different numbers of epochs: 3, 9.']
    """
    epochs: dict[tuple[str, str], set[int]] = {}
    for result in results:
        if "epochs" in result.config:
            key = (result.dataset, result.model)
            epochs.setdefault(key, set()).add(int(result.config["epochs"]))
    return [
        f"{model}, {dataset}: jobs may train for different numbers of epochs: "
        f"{', '.join(map(str, sorted(numbers)))}."
        for (dataset, model), numbers in epochs.items()
        if len(numbers) > 1
    ]


def first_extraction(job: JobResult) -> int | None:
    """The first epoch, from 0, in which an item was extracted; None without any.

    Example:
        >>> from types import SimpleNamespace
        >>> figures = [None, {"flipped": 0}, {"flipped": 7}]
        >>> history = [SimpleNamespace(epoch=n, extraction=one) for n, one in enumerate(figures)]
        >>> first_extraction(SimpleNamespace(history=history))
        2
    """
    for epoch in job.history:
        if (epoch.extraction or {}).get("flipped"):
            return epoch.epoch
    return None


def still_rising(results: Sequence[JobResult]) -> list[str]:
    """A note for each data set and model with jobs that were still rising when they stopped.

    Example:
        >>> still_rising(results)
        []
    """
    rising: dict[tuple[str, str], dict[str, list[JobResult]]] = {}
    for job in filter(is_rising, results):
        variants = rising.setdefault((job.dataset, job.model), {})
        variants.setdefault(job.variant, []).append(job)
    return [
        f"{model}, {dataset}: still rising when training stopped, so more epochs may change the "
        f"order: {'; '.join(_by_seeds(variants))}."
        for (dataset, model), variants in rising.items()
    ]


def is_rising(job: JobResult) -> bool:
    """Whether the best validation lies in the last tenth of the epochs up to the last validation.

    A single validation does not say.

    Example:
        >>> from types import SimpleNamespace
        >>> history = [SimpleNamespace(epoch=epoch, valid_score=0.1) for epoch in range(20)]
        >>> is_rising(SimpleNamespace(history=history, best_epoch=19))
        True
    """
    validated = [epoch.epoch for epoch in job.history if epoch.valid_score is not None]
    return len(validated) > 1 and 10 * (job.best_epoch + 1) > 9 * (validated[-1] + 1)


def _by_seeds(variants: Mapping[str, Sequence[JobResult]]) -> list[str]:
    """Variants with the same seeds share a phrase."""
    phrases: dict[str, list[str]] = {}
    for variant, jobs in variants.items():
        phrases.setdefault(", ".join(str(job.seed) for job in jobs), []).append(variant)
    return [
        f"{', '.join(names)} with seed {seeds} (best validation: epoch "
        f"{_best_epochs([job for name in names for job in variants[name]])})"
        for seeds, names in phrases.items()
    ]


def _best_epochs(jobs: Sequence[JobResult]) -> str:
    best = _span([str(number + 1) for number in sorted(job.best_epoch for job in jobs)])
    return f"{best} of {_span([str(number) for number in sorted(job.epochs for job in jobs)])}"


def _span(numbers: Sequence[str]) -> str:
    """The first and the last of sorted numbers."""
    first, last = numbers[0], numbers[-1]
    return first if first == last else f"{first} to {last}"


def detectable(rows: Sequence[Row], results: Sequence[JobResult], baseline: str) -> list[str]:
    """The smallest differences of the validation's metric that the tests could have found.

    Args:
        rows: The rows of the tables.
        results: Results of the jobs.
        baseline: The variant that the others are compared with.

    Returns:
        A sentence for each data set, model and metric; none where nothing was tested.

    Example:
        >>> from recbole_fn.results.statistics import compare_results
        >>> detectable(compare_results(results, "off"), results, "off")[0][:49]
        'M, d, ndcg@10: the smallest detectable difference'
    """
    smallest: dict[tuple[str, str, str], list[float]] = {}
    validated = dict.fromkeys((job.dataset, job.model, job.valid_metric) for job in results)
    for row in rows:
        key = (row.dataset, row.model, row.metric)
        if key in validated and row.detectable is not None:
            smallest.setdefault(key, []).append(row.detectable)
    return [
        f"{model}, {dataset}, {metric}: the smallest detectable difference is "
        f"{_span([f'{value:.1f} %' for value in sorted(values)])} of {baseline}."
        for (dataset, model, metric), values in smallest.items()
    ]
