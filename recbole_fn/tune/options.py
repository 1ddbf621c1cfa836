"""The options of a search on the command line."""

import argparse
import sys
from collections.abc import Sequence

from recbole_fn.errors import InputError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options to a parser."""
    group = parser.add_argument_group("search for the best keys, with Ray Tune")
    group.add_argument("--tune", help="files with the space and tune_ keys, such as tune/fn.yaml")
    group.add_argument("--tune_out", help="folder or address (default: saved/tune-<hash>)")
    group.add_argument("--tune_resume", help="folder or address of a search, to go on with it")


def require_one(options: argparse.Namespace) -> None:
    """Refuses options of a search without one, and two tasks at a time.

    Raises:
        InputError: naming the first.
    """
    tasks = [name for name in ("compare", "tune", "tune_resume") if getattr(options, name)]
    if len(tasks) > 1:
        raise InputError(f"--{tasks[0]} and --{tasks[1]} are given; allowed is one of them")
    if options.tune_out is not None and not options.tune:
        raise InputError(f"--tune_out is {options.tune_out!r}; allowed is it with --tune")
    if options.ray_address is not None and not tasks:
        raise InputError(
            f"--ray_address is {options.ray_address!r}; allowed is it with --compare or --tune"
        )
    for name in ("model", "dataset", "config_files"):
        value = getattr(options, name)
        if options.tune_resume and value is not None:
            raise InputError(f"--{name} is {value!r}; a search that goes on has its own")


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
    from recbole_fn.arms.command_line import keys_of
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
