"""The options of a search on the command line."""

import argparse
import sys
from collections.abc import Sequence

from recbole_fn.tune.settings import DOMAINS
from recbole_fn.utils.errors import InputError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options to a parser."""
    group = parser.add_argument_group("search for the best keys, with Ray Tune")
    group.add_argument("--tune", help="files with the space and tune_ keys, such as tune/fn.yaml")
    group.add_argument("--tune_out", help="folder or address (default: saved/tune-<hash>)")
    group.add_argument("--tune_resume", help="folder or address of a search, to go on with it")


def require_search(command: str, others: Sequence[str]) -> None:
    """Refuses `tune_` keys of a command that is no search.

    Args:
        command: What is asked for.
        others: The arguments `--key=value`.

    Raises:
        InputError: naming the first.
    """
    for other in others:
        if other[2:].split("=")[0] in DOMAINS and not command.startswith("--tune"):
            raise InputError(
                f"argument {other!r} is a key of a search, which {command} does not use; it must "
                f"be left out (it is for: --tune, --tune_resume)"
            )


def run(options: argparse.Namespace, model: str, dataset: str, others: Sequence[str]) -> int:
    """Searches as the command line asks, and prints the tables.

    Args:
        options: What `add_options` reads, `config_files` and `ray_address`.
        model: Name of the model.
        dataset: Name of the data set.
        others: The arguments `--key=value`.

    Returns:
        The exit code: 0, or 1 if a trial failed or the search was stopped.
    """
    from recbole_fn.hooks.command_line import keys_of
    from recbole_fn.tune.tuning import resume, tune

    given = keys_of(others)
    if options.tune_resume:
        found = resume(options.tune_resume, given, options.ray_address)
    else:
        files = options.config_files.split() if options.config_files else None
        space = options.tune.split()
        out = options.tune_out
        found = tune(model, dataset, files, given, space, out, options.ray_address)
    print(found.text)
    print(f"Files: {found.place}")
    if not found.is_complete:
        print(f"Not all trials have ended; go on with --tune_resume={found.place}", file=sys.stderr)
    failed = any(trial.status == "failed" for trial in found.trials)
    return 1 if failed or not found.is_complete else 0
