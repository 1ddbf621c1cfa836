"""What a job is doing: a small file beside its log, there as long as the job runs."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recbole_fn.utils.files import as_json, write_whole

STATUS = ".status.json"


def status_file(folder: Path, name: str) -> Path:
    """The status file of a job.

    Args:
        folder: Where the jobs' files are; jobs of a cluster share it.
        name: The job's name.

    Example:
        >>> status_file(Path("jobs"), "tiny-SASRec-flip-1").name
        'tiny-SASRec-flip-1.status.json'
    """
    return folder / f"{name}{STATUS}"


class Status:
    """The progress of this process's job: reading data, then each epoch and validation.

    A write takes a fraction of a millisecond, and none is within the time of an epoch.

    Args:
        path: See `status_file`.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     status = Status(status_file(Path(folder), "a-job"))
        ...     print(*running(Path(folder), ["a-job", "another-job"]))
        a-job: reading data, 0 s
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = {"began": time.time(), "epoch": 0}
        self._write()

    def begin(self, epochs: int, metric: str, trained: int = 0) -> None:
        """Training begins, or goes on.

        Args:
            epochs: Epochs at most.
            metric: What validation scores are.
            trained: Epochs trained before.
        """
        self._values.update(epochs=epochs, metric=metric, epoch=trained)
        self._write()

    def trained(self, epoch: int) -> None:
        """An epoch, from 0, has been trained."""
        self._values["epoch"] = epoch + 1
        self._write()

    def validated(self, score: float) -> None:
        """A validation has ended."""
        self._values["score"] = score
        self._write()

    def end(self) -> None:
        """The job has ended, in whatever way."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        write_whole(self._path, as_json(self._values), lasting=False)


def running(folder: Path, names: Iterable[str]) -> list[str]:
    """What the jobs that run now are doing, a line each.

    Args:
        folder: Where the jobs' files are.
        names: The names of the jobs.

    Example:
        >>> running(Path("nowhere"), ["tiny-SASRec-flip-1"])
        []
    """
    statuses = ((name, _read(status_file(folder, name))) for name in names)
    return [f"{name}: {_words(status)}" for name, status in statuses if status is not None]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        status: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it does not run, or a shared folder is slow
        return None
    return status


def _words(status: dict[str, Any]) -> str:
    seconds = f"{max(0, time.time() - status['began']):.0f} s"
    if "epochs" not in status:
        return f"reading data, {seconds}"
    epochs = f"epoch {status['epoch']} of {status['epochs']}"
    score = f", {status['metric']} {status['score']:.4f}" if "score" in status else ""
    return f"{epochs}{score}, {seconds}"
