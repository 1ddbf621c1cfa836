"""`samplers`: shows the samplers of negatives, their arguments, and what they draw."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from recbole_fn.cli.parser import Parser, files_of, model_and_dataset, require_used
from recbole_fn.config.components import describe_arguments
from recbole_fn.negatives import SAMPLERS
from recbole_fn.utils.claims import new_file
from recbole_fn.utils.files import write_whole

_INDENT = " " * 12
_DESCRIPTION = """\
Shows the samplers of negatives (fn_sampler) and their arguments. With --inspect, trains with some
of them and writes a page with the popularity, score and rank of what they draw, with the share that
users took later, and examples. Then any key can be set as --key=value; epochs is 5 otherwise."""
EXAMPLES = (
    "",
    "| less",
    "--inspect --sampler=uniform,popularity,dns -m SASRec -d ml-100k --epochs=10",
)
_RUN = {"model", "dataset", "config_files"}
_USED = {"the list": set[str](), "--inspect": {*_RUN, "inspect", "sampler", "out"}}
_OUT = Path("samplers.html")


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["--inspect", "--sampler=dns"]).sampler
        'dns'
    """
    made = Parser("samplers", _DESCRIPTION, EXAMPLES)
    made.add_run_options()
    add = made.add_argument_group("what is inspected").add_argument
    add("--inspect", action="store_true", default=None, help="train and write a page")
    add("--sampler", help="names, separated by commas (default: uniform)")
    add("--out", type=Path, help=f"a new file for the page (default: {_OUT})")
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints each sampler and its arguments, or inspects some.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them, in keys, files or data.

    Examples:
        >>> run([])
        uniform ...
        0
    """
    if "--inspect" in arguments:
        options, keys = parser().read(arguments)
        sys.argv[1:] = keys  # RecBole would take the options for keys
        _inspect(options)
        return 0
    require_used(parser().parse_args(arguments), "the list", _USED)
    for sampler in SAMPLERS:
        summary = (sampler.__doc__ or "").strip().splitlines()[0]
        print(fill(summary, 100, initial_indent=f"{sampler.name:11} ", subsequent_indent=_INDENT))
        for line in describe_arguments(sampler):
            print(fill(line, 100, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  "))
    return 0


def _inspect(options: argparse.Namespace) -> None:
    from recbole_fn.inspection.inspecting import inspect
    from recbole_fn.inspection.page import page

    path = options.out or _OUT
    names = [name for name in (options.sampler or "uniform").split(",") if name]
    with new_file(path, "--out"):
        inspected = inspect(*model_and_dataset(options), names, files_of(options))
        write_whole(path, page(inspected))
    print(path)
