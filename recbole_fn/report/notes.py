"""Notes below the tables of a comparison."""

from collections.abc import Sequence

from recbole_fn.config.settings import FNSettings
from recbole_fn.report.comparable import changed_datasets
from recbole_fn.report.tested_epochs import span, still_rising, without_extraction
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
    notes += sampled_modes(results) + averaged_weights(results) + without_extraction(results)
    notes += still_rising(results) + different_epochs(results)
    changed = changed_datasets(results)
    return notes + [f"NOT COMPARABLE: {one} has changed between jobs." for one in changed]


def sampled_modes(results: Sequence[JobResult]) -> list[str]:
    """A note for each `eval_args.mode` with which RecBole samples what a target is ranked among.

    Example:
        >>> from types import SimpleNamespace
        >>> modes = {"valid": "uni20", "test": "full"}
        >>> sampled_modes([SimpleNamespace(config={"eval_args": {"mode": modes}})])
        ['In validation a target is ranked among 20 items that RecBole samples (eval_args.mode ...
    """
    places: dict[str, list[str]] = {}
    for stage, place in (("valid", "validation"), ("test", "the test")):
        modes = {_modes(one).get(stage, "full") for one in results}
        for mode in sorted(mode for mode in modes if mode.startswith(("uni", "pop"))):
            places.setdefault(mode, []).append(place)
    return [
        f"In {' and '.join(of)} a target is ranked among {mode[3:]} items that RecBole samples "
        f"(eval_args.mode {mode}), not among all."
        for mode, of in places.items()
    ]


def _modes(result: JobResult) -> dict[str, str]:
    """How RecBole ranks, by stage."""
    modes: dict[str, str] = result.config.get("eval_args", {}).get("mode", {})
    return modes


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
        f"{span([f'{value:.1f} %' for value in sorted(values)])} of {baseline}."
        for (dataset, model, metric), values in smallest.items()
    ]
