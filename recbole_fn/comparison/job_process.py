"""A job in its process, and the process that forks it: `python -m recbole_fn.comparison`."""

import atexit
import logging
import os
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.optim import Adam

from recbole_fn.comparison.job import run
from recbole_fn.comparison.parent_watchdog import end_with_parent
from recbole_fn.comparison.plan import Job
from recbole_fn.utils.errors import InputError

Request = tuple[Any, Path, Path]
"""A job, the folder of its files, and its log."""


def main() -> int:
    """Runs the job on standard input, until that is closed; with `--fork` several jobs in turn.

    Returns:
        The exit code: 2 for a mistake of the user, which is printed as one line.

    Example:
        Another process starts it, and keeps its standard input open:

        >>> from subprocess import PIPE, Popen
        >>> process = Popen([sys.executable, "-m", "recbole_fn.comparison"], stdin=PIPE)
        >>> pickle.dump((jobs[0], folder), process.stdin)
        >>> process.stdin.flush()
        >>> process.wait()
        0
    """
    forks = sys.argv[1:] == ["--fork"]
    sys.argv = sys.argv[:1]  # RecBole reads keys there
    if forks:
        return serve(_exit_code)
    job, folder = pickle.load(sys.stdin.buffer)
    end_with_parent()
    return _exit_code(job, folder)


def _exit_code(job: Job, folder: Path) -> int:
    try:
        run(job, folder)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def serve(run: Callable[[Any, Path], int]) -> int:
    """Forks a process for each job on standard input, until that is closed.

    Answers each with two lines: the process, and its exit code when it has ended.

    Args:
        run: Runs a job in its process, and returns its exit code.

    Returns:
        The exit code of this process, which may be that of a job.

    Example:
        `Nursery` starts it in a process of its own:

        >>> from subprocess import PIPE, Popen
        >>> command = [sys.executable, "-m", "recbole_fn.comparison", "--fork"]
        >>> with Popen(command, stdin=PIPE, stdout=PIPE) as process:
        ...     pickle.dump((jobs[0], folder, folder / "job.log"), process.stdin)
        ...     process.stdin.flush()
        ...     number, code = process.stdout.readline(), process.stdout.readline()
        >>> int(code)
        0
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the job and for who waits for it
    Adam([torch.zeros(1)])  # the first optimizer of a process imports much
    lifeline, held = os.pipe()  # a job ends, too, once this process has
    while True:
        try:
            request: Request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return 0
        child = os.fork()
        if child == 0:
            os.close(held)
            return _in_child(run, request, lifeline)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _in_child(run: Callable[[Any, Path], int], request: Request, lifeline: int) -> int:
    job, folder, log = request
    with log.open("ab") as file:
        for output in (1, 2):
            os.dup2(file.fileno(), output)
    codes = [1]
    atexit.register(lambda: _leave(codes[-1]))
    end_with_parent(sys.stdin.fileno(), lifeline)
    codes.append(run(job, folder))
    return codes[-1]


def _leave(code: int) -> None:
    """Ends a process without taking apart what its parent has imported: that takes seconds."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
