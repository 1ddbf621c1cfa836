"""`report`: writes the page of a comparison."""

from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.parser import Parser
from recbole_fn.report import write_report


def parser() -> Parser:
    """The options."""
    made = Parser("report", "Writes the page of a comparison, from the jobs that have finished.")
    made.add_argument("folder", type=Path, help="the output folder of a comparison")
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the page as the command line asks, and prints where it is.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them, or a folder without a comparison.
    """
    print(f"Report: {write_report(parser().parse_args(arguments).folder)}")
    return 0
