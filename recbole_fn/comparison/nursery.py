"""Jobs in processes of their own that need not import anything: one process has, and is forked.

Only Linux forks a process with PyTorch in it safely; elsewhere each job starts Python anew.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

CAN_FORK = sys.platform == "linux"
COMMAND = [sys.executable, "-m", "recbole_fn.comparison"]
_kept: list["Nursery"] = []  # one at most: a worker of Ray runs a job after the other


class Nursery:
    """A process that forks another one for each job, one job at a time.

    Args:
        environment: Its environment variables.
        log: A file for what it prints before it is ready.

    Attributes:
        environment: Its environment variables.

    Example:
        >>> log = folder / "SASRec.log"
        >>> nursery = Nursery(os.environ, log)
        >>> nursery.run(jobs[0], folder, log)  # the exit code of the job
        0
        >>> nursery.close()
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.environment = dict(environment)
        command, pipe = [*COMMAND, "--fork"], subprocess.PIPE
        with log.open("ab") as errors:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=errors, env=self.environment
            )

    @classmethod
    def kept(cls, environment: Mapping[str, str], log: Path) -> "Nursery":
        """The one that this process keeps; a new one if it has ended, or has other variables."""
        if not (_kept and _kept[0].is_alive and _kept[0].environment == environment):
            end_kept()
            _kept.append(cls(environment, log))
        return _kept[0]

    @property
    def is_alive(self) -> bool:
        """Whether it can run a job."""
        return self._process.poll() is None

    def run(self, job: Any, folder: Path, log: Path) -> int:
        """Runs a job to its end, and returns its exit code: minus a signal, if one has ended it.

        Args:
            job: The job.
            folder: Where its files go.
            log: Where what it prints goes.
        """
        child = 0
        try:
            with suppress(BrokenPipeError):  # the nursery ended at once; its exit code tells
                pickle.dump((job, folder, log), self._input)
                self._input.flush()
            child = self._answer() or 0
            code = self._answer()
        except BaseException:
            self._kill(child)
            raise
        return self._process.wait() if code is None else code

    def close(self) -> None:
        """Ends it; a job that still runs is interrupted."""
        with suppress(BrokenPipeError):
            self._input.close()
        self._process.wait()
        self._output.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _answer(self) -> int | None:
        line = self._output.readline()
        return int(line) if line else None

    def _kill(self, child: int) -> None:
        if child:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._process.kill()


def end_kept() -> None:
    """Ends the nursery that this process keeps, if there is one.

    Example:
        >>> end_kept()
    """
    while _kept:
        _kept.pop().close()
