"""`recommend`: lists of items for users or histories, from a checkpoint."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from recbole_fn.cli.checkpoint_parser import CheckpointParser
from recbole_fn.utils.errors import InputError

_DESCRIPTION = """\
Recommends items to users, from their whole histories: one list a user, in the data set's own names.
A large output is written part by part; after an interruption the same command goes on."""
EXAMPLES = (
    "--out=recs.parquet",
    '--k=20 --where="class == Comedy" --out=recs.csv',
    "--until=valid --exclude=none --out=-",
)
_FILES = ("checkpoint", "users", "histories", "items", "exclude")


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth"]).k
        10
    """
    made = CheckpointParser("recommend", _DESCRIPTION, EXAMPLES)
    add = made.add_users()
    add("--until", help="last split in a user's history: train, valid or test (default: test)")
    add("--cold", help="popular: popular items for a history without a known item")
    add = made.add_argument_group("what is recommended").add_argument
    add("--k", type=int, default=10, help="items of a list (default: 10)")
    add("--items", metavar="FILE", help="a column of the only items that may be recommended")
    add("--where", help="the same by a feature of items, such as 'genre == Comedy and price < 10'")
    add(
        "--exclude",
        help="history, none, or a file of items or of users and items, or several "
        "with commas (default: history)",
    )
    add = made.add_argument_group("where it goes").add_argument
    add(
        "--out",
        default="-",
        help=".parquet, .csv, .tsv or .jsonl file, or - for the screen (default: -)",
    )
    add("--nproc", type=int, help="processes that share the users (default: 1)")
    add("--ray_address", help="a cluster of Ray that shares the users")
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the lists.

    Arguments, exit code and mistakes are those of each subcommand, see `dispatch.main`.

    Examples:
        >>> run([f"--checkpoint={model_file}", "--out=recs.csv"])
        Lists of 80 users: recs.csv
        0
    """
    options = parser().parse(arguments)
    from recbole_fn.recommendation.recommend import make_plan
    from recbole_fn.recommendation.writing import print_lists, require_writable, write_lists

    out = None if options.out == "-" else Path(options.out)
    _require_sharing(options)
    if out is not None:
        require_writable(out)
    make = partial(make_plan, *_arguments(options))
    plan = make()
    if out is None:
        print_lists(plan, sys.stdout.buffer)
        return 0
    write_lists(plan, out, _request(options, plan.loaded.data_files()), _sharing(options, make))
    print(f"Lists of {len(plan.asked.tokens)} users: {out}")
    return 0


def _arguments(options: argparse.Namespace) -> tuple[Any, ...]:
    """Those of `make_plan`."""
    return (
        options.checkpoint,
        options.users,
        options.histories,
        options.k,
        options.exclude or "history",
        options.items,
        options.where,
        options.until or "test",
        options.cold,
    )


def _require_sharing(options: argparse.Namespace) -> None:
    if options.nproc is not None and options.nproc < 1:
        raise InputError(f"--nproc is {options.nproc}; it must be an integer from 1")
    if options.out == "-" and (options.nproc or options.ray_address):
        name = "nproc" if options.nproc else "ray_address"
        raise InputError(f"--{name} is for a file; --out must be set, or --{name} left out")


def _sharing(options: argparse.Namespace, make: Callable[[], Any]) -> Callable[..., Any] | None:
    """What makes the parts in several processes, if that is asked for."""
    if options.nproc in (None, 1) and options.ray_address is None:
        return None
    from recbole_fn.recommendation.sharing import frames_in_ray

    return partial(frames_in_ray, make, nproc=options.nproc, address=options.ray_address)


def _request(options: argparse.Namespace, data_files: Sequence[Path]) -> dict[str, Any]:
    """All that the lists depend on: the options, and the files that they name."""
    from recbole_fn.recommendation.writing import stamp

    left_out = ("out", "nproc", "ray_address")
    values = {name: value for name, value in vars(options).items() if name not in left_out}
    named = [name for option in _FILES for name in (values[option] or "").split(",")]
    return {**values, "files": [stamp(path) for path in [*named, *data_files]]}
