"""Which jobs have finished, and which of these a larger `epochs` lets train on."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from recbole_fn.checkpoint import last_file
from recbole_fn.comparison.continuing import checkpoint_file
from recbole_fn.comparison.plan import Job
from recbole_fn.data.origin import changed_file
from recbole_fn.results.job_result import JobResult
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json, write_whole


def result_file(folder: Path, name: str) -> Path:
    """The file of a job's result.

    Args:
        folder: Where the jobs' files are.
        name: The job's name.

    Example:
        >>> result_file(Path("jobs"), "tiny-SASRec-flip-1").name
        'tiny-SASRec-flip-1.json'
    """
    return folder / f"{name}.json"


def finished(job: Job, folder: Path) -> JobResult | None:
    """The result of a job; None while it has not finished, or has fewer epochs than it may.

    A job that early stopping ended would end there with more epochs too: its result is returned,
    with the larger number.

    Args:
        job: The job.
        folder: Where its files are.

    Raises:
        InputError: If the file holds the result of other keys or other data, or is damaged.

    Example:
        >>> job = Job("tiny", "SASRec", "flip", 1, "common.yaml", {"seed": 1}, epochs=300)
        >>> finished(job, Path("nowhere")) is None
        True
    """
    path = result_file(folder, job.name)
    if not path.is_file():
        return None
    result, keys = JobResult.read(path), json.loads(as_json(job.keys))
    trained = result.config.get("epochs", job.epochs)
    is_same = (result.dataset, result.model) == (job.dataset, job.model)
    is_same &= _without_epochs(result.keys) == _without_epochs(keys)
    if not is_same or trained > job.epochs:
        raise InputError(
            f"{str(path)!r} is the result of another configuration; it must be deleted, or out "
            f"be another folder"
        )
    _require_same_data(job, result, path)
    if trained == job.epochs:
        return result
    if result.epochs == trained:
        return None
    return replace(result, keys=keys, config={**result.config, "epochs": job.epochs})


def keep(job: Job, folder: Path) -> bool:
    """Whether a job has finished; notes a larger `epochs` in the result of one that ended early.

    Args:
        job: The job.
        folder: Where its files are.

    Raises:
        InputError: As `finished`.

    Example:
        >>> job = Job("tiny", "SASRec", "flip", 1, "common.yaml", {"seed": 1}, epochs=300)
        >>> keep(job, Path("nowhere"))
        False
    """
    result = finished(job, folder)
    if result is None:
        return False
    path = result_file(folder, job.name)
    if JobResult.read(path).config != result.config:
        write_whole(path, result.to_json())
    return True


def starts_anew(job: Job, folder: Path) -> str | None:
    """A line on a job that has a result of fewer epochs and no checkpoint to go on from.

    Args:
        job: A job that `finished` says has not finished.
        folder: Where its files are.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> job = Job("tiny", "SASRec", "flip", 1, "common.yaml", {"seed": 1}, epochs=300)
        >>> with TemporaryDirectory() as folder:
        ...     result_file(Path(folder), job.name).touch()
        ...     starts_anew(job, Path(folder))
        'tiny-SASRec-flip-1 starts anew: it has no checkpoint to go on from (... is missing)'
    """
    last = last_file(checkpoint_file(folder, job.name))
    if last.is_file() or not result_file(folder, job.name).is_file():
        return None
    return f"{job.name} starts anew: it has no checkpoint to go on from ({last} is missing)"


def _require_same_data(job: Job, result: JobResult, path: Path) -> None:
    changed = changed_file(result.files, job.files)
    if changed is not None:
        raise InputError(
            f"{str(path)!r} is the result of other data, as data set file {changed!r} has changed "
            f"since; it must be deleted, or out be another folder"
        )


def _without_epochs(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in keys.items() if name != "epochs"}
