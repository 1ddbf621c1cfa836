"""Which subcommand runs, and the exit code it ends with."""

import os
import select
import shlex
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from recbole_fn.cli.commands import program
from recbole_fn.cli.parser import SUBCOMMANDS
from recbole_fn.environment.packages import require_training_packages
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.utils.errors import InputError, WorkerError, nearest

_UNREAD = 141  # what a shell says of a program that ends as the reader of its output has ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand, `train` where the first argument is an option.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
            RecBole reads `--key=value` from the process itself.

    Returns:
        The exit code: 0; 1 if a job or trial failed or a process was killed, or what `check` has
        found alters results; 2 for a mistake of the user's; 130 after Ctrl-C (143 after SIGTERM);
        141 if nobody reads the output to its end, such as `head`. A mistake, a kill and a stop
        print one line.

    Examples:
        >>> main(["report", "nowhere"])
        2
        >>> main(["samplers"])
        uniform ...
        0
    """
    silence_known_warnings()
    try:
        run, rest = _subcommand(list(sys.argv[1:] if arguments is None else arguments))
        let_import_from_here()
        code = run(rest)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        if not _has_lost_its_reader():
            raise
        return _UNREAD
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except WorkerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print(_describe_stop(stop), file=sys.stderr)
        return int(getattr(stop, "exit_code", 130))


def let_import_from_here() -> None:
    """Lets a user's module be imported from the working directory, as `python -m` does.

    Examples:
        >>> let_import_from_here()
        >>> bool({"", os.getcwd()} & set(sys.path))
        True
    """
    if not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())


def _subcommand(arguments: list[str]) -> tuple[Callable[[Sequence[str]], int], list[str]]:
    """The function of a subcommand, and its arguments."""
    name, rest = "train", arguments
    if arguments and not arguments[0].startswith("-"):
        name, *rest = arguments
    if name not in SUBCOMMANDS:
        raise InputError(
            f"{name!r} is not a subcommand; it must be one of {', '.join(SUBCOMMANDS)}, of which "
            f"{nearest(name, SUBCOMMANDS)} is the nearest"
        )
    require_training_packages()  # RecBole fails to import where they are wrong
    run: Callable[[Sequence[str]], int] = import_module(f"recbole_fn.cli.{name}").run
    return run, rest


def _has_lost_its_reader() -> bool:
    """Whether it is the standard output that nobody reads; then nothing more is written to it."""
    poller, output = select.poll(), sys.stdout.fileno()
    poller.register(output, 0)
    if not any(events & select.POLLERR for _, events in poller.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), output)  # or Python complains when it ends
    return True


def _describe_stop(stop: KeyboardInterrupt) -> str:
    """What to do after Ctrl-C; an `Interrupted` knows its checkpoint."""
    path = getattr(stop, "checkpoint", None)
    if path is None:
        return str(stop) or "stopped; a last checkpoint in saved, if there is one, can be resumed"
    return f"stopped; this goes on from here:\n  {program()} --resume={shlex.quote(path)}"
