"""Times the epochs of another program by the lines that it prints."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from recbole_fn.utils.errors import InputError


def time_epochs(command: list[str], folder: Path, epoch_end: str, epochs: int) -> list[float]:
    """Runs a command and times its epochs, without the first.

    Args:
        command: Program and arguments.
        folder: Working directory of the command.
        epoch_end: Regular expression of a line that ends an epoch. Its group, if any, is the time
            in seconds; otherwise the time between two such lines is measured.
        epochs: Epochs after which the command is stopped.

    Returns:
        The time of each epoch, in seconds.

    Raises:
        InputError: if the command ends earlier.

    Example:
        >>> import sys
        >>> script = "for _ in range(3): print('epoch took 0.5 s')"
        >>> time_epochs([sys.executable, "-c", script], Path.cwd(), "took (.*) s", epochs=3)
        [0.5, 0.5]
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return _read_epochs(process, re.compile(epoch_end), epochs)
        finally:
            _stop(process)


def _read_epochs(
    process: subprocess.Popen[str], epoch_end: re.Pattern[str], epochs: int
) -> list[float]:
    marks: list[float] = []
    line = "nothing"
    assert process.stdout is not None
    for line in process.stdout:
        match = epoch_end.search(line)
        if match:
            marks.append(float(match[1]) if epoch_end.groups else perf_counter())
        if len(marks) == epochs:
            return marks[1:] if epoch_end.groups else list(_differences(marks))
    raise InputError(
        f"--reference_command ended after {len(marks)} epochs of {epochs} with the line "
        f"{line.strip()!r}; each epoch must end with a line that matches {epoch_end.pattern!r}"
    )


def _differences(marks: list[float]) -> Iterator[float]:
    return (after - before for before, after in pairwise(marks))


def _stop(process: subprocess.Popen[str]) -> None:
    """Kills a process and the sampling processes that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.wait()
