"""Starts the ranks of this machine, and ends all of them when one ends badly.

PyTorch's elastic agent does the same, but drops what ranks say of a Ctrl-C, such as the command
that resumes the run, and logs a traceback for a killed rank.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch.multiprocessing
from torch.multiprocessing.spawn import (
    ProcessContext,
    ProcessException,
    ProcessExitedException,
    start_processes,
)
from tqdm import tqdm

from recbole_fn.utils.errors import InputError, WorkerError


def launch(function: Callable[..., Any], nproc: int, *args: Any) -> Any:
    """Runs a function in several new processes.

    Args:
        function: Called as `function(local_rank, *args)`; importable, as its arguments are.
        nproc: Processes to start.
        *args: Its other arguments.

    Returns:
        What the first process returned; something small, as a table of results.

    Raises:
        InputError: if a process raised it, with the same line.
        WorkerError: if a process was killed; the others have been ended.
        ProcessException: if one failed otherwise, with its traceback.
        KeyboardInterrupt: after Ctrl-C, when all have ended; with what the first one said of it.

    Examples:
        `divmod(0, 5)` in one process and `divmod(1, 5)` in another:

        >>> launch(divmod, 2, 5)
        (0, 0)
    """
    # torch logs each process that it ends; one line about the first is enough.
    logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.ERROR)
    method = _start_method(function)
    queue = torch.multiprocessing.get_context(method).SimpleQueue()
    here = (dict(os.environ), signal.getsignal(signal.SIGINT) != signal.SIG_IGN)
    work = (function, args, queue, here)
    context = start_processes(_work, work, nproc, join=False, start_method=method)
    try:
        while not context.join():
            pass
    except ProcessException as error:  # its rank and exit code, no words of torch
        raise cause_of_end(context, error, _messages(queue)) from None
    except KeyboardInterrupt:
        _let_end(context)
        raise KeyboardInterrupt(*dict(_messages(queue)).values()) from None
    return dict(_messages(queue)).get("result")


def _start_method(function: Callable[..., Any]) -> str:
    """On Linux, ranks are forked from one process that has imported what they need.

    Importing takes each rank seconds of CPU time and a few hundred MB. With a GPU each begins anew,
    for a driver that was asked before a fork may refuse to work after it.
    """
    if sys.platform != "linux" or torch.cuda.is_available():
        return "spawn"
    torch.multiprocessing.set_forkserver_preload([function.__module__])
    return "forkserver"


def _work(
    rank: int,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    queue: Any,
    here: tuple[dict[str, str], bool],
) -> None:
    _be_like(*here)
    # Progress bars would make a semaphore, which `_end_process` leaves to a warning of Python.
    tqdm.set_lock(threading.RLock())
    try:
        result = function(rank, *args)
    except InputError as error:
        queue.put(("mistake", str(error)))
        sys.exit(2)
    except KeyboardInterrupt as error:  # here, for torch passes no message of it on
        if rank == 0:
            queue.put(("stopped", str(error)))
        return
    if rank == 0:
        queue.put(("result", result))
    _end_process()


def _be_like(environment: dict[str, str], heeds_ctrl_c: bool) -> None:
    """What this process inherits is that of the one that forks, which may have begun long ago."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler if heeds_ctrl_c else signal.SIG_IGN)


def _end_process() -> None:
    """Ends a rank that is done, with all that it has written.

    PyTorch's threads may still run while Python takes itself apart, and then abort the process.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _messages(queue: Any) -> list[tuple[str, Any]]:
    messages = []
    while not queue.empty():
        messages.append(queue.get())
    return messages


def cause_of_end(
    context: ProcessContext, error: ProcessException, messages: list[tuple[str, Any]]
) -> Exception:
    """Why a group ended: of several reasons a killed rank, then a user's mistake.

    Args:
        context: Its processes, all of which have ended.
        error: The end that was seen first.
        messages: What the processes have sent, as (kind, text).

    Examples:
        >>> from types import SimpleNamespace
        >>> processes = [SimpleNamespace(exitcode=code, pid=pid) for pid, code in ((7, 1), (8, -9))]
        >>> error = ProcessExitedException("", error_index=0, error_pid=7, exit_code=1)
        >>> cause_of_end(SimpleNamespace(processes=processes), error, [])
        WorkerError('rank 1 of the 2 on this machine (process 8) was killed by SIGKILL, ...')
    """
    codes = [process.exitcode for process in context.processes]
    # Ranks that lost their connection to a killed one may have ended, and been seen, before it.
    # The others were ended by SIGTERM, but the one that was seen was not.
    ranks = [error.error_index, *range(len(codes))]
    signals = [-codes[rank] for rank in ranks]
    for place, (rank, number) in enumerate(zip(ranks, signals, strict=False)):
        if number > 0 and (place == 0 or number != signal.SIGTERM):
            return _lost(context, rank, f"was killed by {signal.Signals(number).name}")
    for kind, message in messages:
        if kind == "mistake":
            return InputError(message)
    if isinstance(error, ProcessExitedException):
        return _lost(context, error.error_index, f"ended with exit code {error.exit_code}")
    return error


def _lost(context: ProcessContext, rank: int, how: str) -> WorkerError:
    return WorkerError(
        f"rank {rank} of the {len(context.processes)} on this machine (process "
        f"{context.processes[rank].pid}) {how}, so the others were ended; checkpoints that were "
        f"written are whole"
    )


def _let_end(context: ProcessContext) -> None:
    """Waits for ranks that may have something to save; a second Ctrl-C ends them at once."""
    try:
        if not sys.stdin.isatty():  # a terminal has sent it to all of them
            for process in context.processes:
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(process.pid, signal.SIGINT)
        for process in context.processes:
            process.join()
    except KeyboardInterrupt:
        for process in context.processes:
            process.kill()
