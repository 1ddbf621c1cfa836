"""What a reader of a comparison's tables must know, in sentences."""

from collections.abc import Sequence

from recbole_fn.config.settings import FNSettings
from recbole_fn.results.statistics import Found
from recbole_fn.training.parts import Parts


def conditions(results: Sequence[Found]) -> list[str]:
    """What a reader of the tables must know of how jobs were run, in sentences.

    Args:
        results: What the jobs found.
    """
    settings = [FNSettings.from_config(result["config"]) for result in results]
    numbers = {one.eval_candidates for one in settings} - {None}
    notes = [f"A target is ranked among {n} items that are fixed for its user." for n in numbers]
    if not numbers and any(one.eval_exclude for one in settings):
        notes.append("Items of the user's own history are left out of the ranking.")
    notes += averaged_weights(results) + without_extraction(results)
    sets: dict[tuple[str, str, int], set[str]] = {}
    for result in results:
        key = (result["dataset"], result["model"], result["seed"])
        sets.setdefault(key, set()).add(result["training_set"])
    for dataset in dict.fromkeys(key[0] for key, found in sets.items() if len(found) > 1):
        notes.append(f"NOT COMPARABLE: {dataset} has changed between jobs.")
    return notes


def averaged_weights(results: Sequence[Found]) -> list[str]:
    """Says that a teacher averages weights, where no variant tells what that gains by itself.

    Args:
        results: What the jobs found.
    """
    parts = [Parts.of(result["config"]) for result in results]
    taught = [one for one in parts if one.settings.enabled and one.settings.eval_with == "teacher"]
    by_teacher = {one.treatment.averages for one in taught}
    if by_teacher != {True, False} or any(one.settings.strategy == "average" for one in parts):
        return []
    return [
        "Variants with a teacher are evaluated with averaged weights, which may gain by "
        "themselves; the variant average tells how much."
    ]


def without_extraction(results: Sequence[Found]) -> list[str]:
    """Says of which jobs the tested checkpoint is from before extraction had found anything.

    Args:
        results: What the jobs found.
    """
    early: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        first = first_extraction(result)
        if first is not None and result["best_epoch"] < first:
            key = (result["dataset"], result["model"], result["variant"])
            early.setdefault(key, []).append(str(result["seed"]))
    return [
        f"{model}, {dataset}, {variant}, seed {', '.join(seeds)}: tested is a checkpoint from "
        f"before the first extracted item, which says nothing of extraction; the last "
        "validations do."
        for (dataset, model, variant), seeds in early.items()
    ]


def first_extraction(found: Found) -> int | None:
    """The first epoch, from 0, in which an item was extracted; None without any."""
    for epoch in found["history"]:
        if (epoch["extraction"] or {}).get("flipped"):
            return int(epoch["epoch"])
    return None
