"""The options of a comparison on the command line."""

import argparse
import re
from collections.abc import Sequence

from recbole_fn.comparison.variants import ARMS, words
from recbole_fn.utils.errors import InputError

_MOST = 20  # more seeds than that have to be listed: who writes 42 may mean the seed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options to a parser."""
    group = parser.add_argument_group("comparison under equal conditions")
    group.add_argument(
        "--compare",
        action="store_true",
        default=None,
        help="train and test each arm, and compare them",
    )
    group.add_argument("--arms", help=f"names out of: {', '.join(ARMS)}")
    group.add_argument(
        "--seeds",
        help="5: five seeds from the key seed on; 1,7,42: these; 42, (with a comma): this one",
    )
    group.add_argument("--compare_out", help="folder (default: saved/compare-<hash>)")
    group.add_argument("--compare_workers", type=int, help="jobs at a time, in Ray (default: 1)")


def read_seeds(text: str) -> int | list[int]:
    """A number of seeds, or a list of them such as `1,7,42`, `[7]` or `7,`.

    Raises:
        InputError: for anything else, and for a number that was rather meant as a seed.
    """
    parts = words(text.strip("[]")) or []
    if not parts or not all(re.fullmatch(r"-?\d+", part) for part in parts):
        raise InputError(f"seeds is {text!r}; allowed is a number, or seeds such as 1,7,42")
    numbers = [int(part) for part in parts]
    if not re.fullmatch(r"-?\d+", text.strip()):
        return numbers
    if numbers[0] > _MOST:
        raise InputError(
            f"seeds is {text}, which asks for {text} seeds; a number must be {_MOST} at most; the "
            f"one seed {text} is --seeds={text}, (with a comma), and more seeds must be listed"
        )
    return numbers[0]


def run(options: argparse.Namespace, model: str, dataset: str, others: Sequence[str]) -> int:
    """Compares as the command line asks, and prints the tables.

    Args:
        options: What `add_options` reads, and `config_files`.
        model: Names of models.
        dataset: Names of data sets.
        others: The arguments `--key=value`.

    Returns:
        The exit code: 0, or 1 if a job failed.

    Raises:
        KeyboardInterrupt: after Ctrl-C, saying how to go on.
    """
    from recbole_fn.comparison.compare import compare
    from recbole_fn.hooks.command_line import keys_of

    try:
        found = compare(
            model,
            dataset,
            options.config_files.split() if options.config_files else None,
            keys_of(others),
            words(options.arms),
            read_seeds(options.seeds or "1"),
            options.compare_out,
            1 if options.compare_workers is None else options.compare_workers,
            options.ray_address,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "stopped; the same command goes on with the jobs that are left"
        ) from None
    print(found.text)
    print(f"Files: {found.folder}")
    return 1 if found.failures else 0
