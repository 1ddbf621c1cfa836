"""Keeps jobs that were run on other data out of a comparison."""

from collections.abc import Iterable
from dataclasses import replace

from recbole_fn.comparison.plan import Job
from recbole_fn.data.origin import changed_file, files_of
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


def with_files(jobs: Iterable[Job]) -> list[Job]:
    """The jobs, each with its data set's files as they are now; a file is read once.

    Args:
        jobs: The jobs.

    Raises:
        InputError: for a mistake in a key.

    Example:
        >>> with_files(jobs)[0].files["tiny.inter"][:24]
        '8475 bytes, SHA-256 e154'
    """
    read: dict[tuple[str, str], dict[str, str]] = {}
    made = []
    for job in jobs:
        place = (job.dataset, str(job.keys.get("data_path")))
        if place not in read:
            read[place] = files_of(job.config())
        made.append(replace(job, files=read[place]))
    return made


def require_same_files(job: Job, config: Config) -> dict[str, str]:
    """Refuses to run a job on other data than its comparison has begun with.

    Args:
        job: The job.
        config: Its configuration.

    Returns:
        The files as they are now, as `data.origin.files_of` returns them.

    Raises:
        InputError: naming the file that has changed.

    Example:
        >>> job = Job("tiny", "SASRec", "flip", 1, "common.yaml", {}, 300)
        >>> require_same_files(job, {"data_path": "nowhere", "dataset": "tiny"})
        {}
    """
    now = files_of(config)
    changed = changed_file(job.files, now)
    if changed is not None:
        raise InputError(
            f"data set file {changed!r} has changed since the comparison began; it must be as it "
            f"was, or the comparison begun again in another folder (--out=)"
        )
    return now
