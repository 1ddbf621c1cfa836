"""`recommend`: lists of items for users or histories, from a checkpoint."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recbole_fn.cli.parser import Parser
from recbole_fn.cli.usage import require_set

_DESCRIPTION = """\
Recommends items to users, from their whole histories: one list a user, in the data set's own names.
A large output is written part by part; after an interruption the same command goes on."""
EXAMPLES = (
    "--checkpoint=saved/SASRec.pth --out=recs.parquet",
    '--checkpoint=saved/SASRec.pth --k=20 --where="genre == Comedy" --out=recs.csv',
    "--checkpoint=saved/SASRec.pth --histories=sessions.csv --cold=popular --out=-",
)
_FILES = ("checkpoint", "users", "histories", "items", "exclude")


def parser() -> Parser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth"]).k
        10
    """
    made = Parser("recommend", _DESCRIPTION, EXAMPLES)
    add = made.add_argument_group("what recommends").add_argument
    add("--checkpoint", metavar="FILE", help="a checkpoint, of plain RecBole too")
    add = made.add_argument_group("to whom").add_argument
    add("--users", metavar="FILE", help="a column of users of the data set (default: all)")
    add("--histories", metavar="FILE", help="users and items that training need not have seen")
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
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the lists.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them.

    Examples:
        Needs a checkpoint::

            python run_recbole_fn.py recommend --checkpoint=saved/SASRec.pth --out=recs.csv
    """
    options = parser().parse_args(arguments)
    require_set(options, "checkpoint")
    from recbole_fn.recommendation.recommend import make_plan
    from recbole_fn.recommendation.writing import print_lists, require_writable, write_lists

    out = None if options.out == "-" else Path(options.out)
    if out is not None:
        require_writable(out)
    plan = make_plan(
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
    if out is None:
        print_lists(plan, sys.stdout.buffer)
        return 0
    write_lists(plan, out, _request(options, plan.loaded.data_files()))
    print(f"Lists of {len(plan.asked.tokens)} users: {out}")
    return 0


def _request(options: argparse.Namespace, data_files: Sequence[Path]) -> dict[str, Any]:
    """All that the lists depend on: the options, and the files that they name."""
    from recbole_fn.recommendation.writing import stamp

    values = {name: value for name, value in vars(options).items() if name != "out"}
    named = [name for option in _FILES for name in (values[option] or "").split(",")]
    return {**values, "files": [stamp(path) for path in [*named, *data_files]]}
