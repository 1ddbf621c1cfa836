"""Notes below the tables of a comparison."""

from collections.abc import Sequence

from recbole_fn.config.settings import FNSettings
from recbole_fn.results.job_result import JobResult
from recbole_fn.training.parts import Parts


def conditions(results: Sequence[JobResult]) -> list[str]:
    """Sentences on how the jobs were run, as far as readers of the tables must know.

    Args:
        results: Results of the jobs.
    """
    settings = [FNSettings.from_config(result.config) for result in results]
    numbers = {one.eval_candidates for one in settings} - {None}
    notes = [f"A target is ranked among {n} items that are fixed for its user." for n in numbers]
    if not numbers and any(one.eval_exclude for one in settings):
        notes.append("Items of the user's own history are left out of the ranking.")
    notes += averaged_weights(results) + without_extraction(results)
    sets: dict[tuple[str, str, int], set[str]] = {}
    for result in results:
        key = (result.dataset, result.model, result.seed)
        sets.setdefault(key, set()).add(result.training_set)
    for dataset in dict.fromkeys(key[0] for key, hashes in sets.items() if len(hashes) > 1):
        notes.append(f"NOT COMPARABLE: {dataset} has changed between jobs.")
    return notes


def averaged_weights(results: Sequence[JobResult]) -> list[str]:
    """A note if variants differ in weight averaging, and none shows what averaging gains alone.

    Args:
        results: Results of the jobs.
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

    Args:
        results: Results of the jobs.
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


def first_extraction(job: JobResult) -> int | None:
    """The first epoch, from 0, in which an item was extracted; None without any."""
    for epoch in job.history:
        if (epoch.extraction or {}).get("flipped"):
            return epoch.epoch
    return None
