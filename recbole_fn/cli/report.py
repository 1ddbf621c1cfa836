"""`report`: writes the page of a comparison."""

from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.parser import Parser
from recbole_fn.report.reading import read_finished
from recbole_fn.report.writing import write_files

EXAMPLES = ("saved/compare-1a2b3c4d", "saved/mine", "../results/beauty")


def parser() -> Parser:
    """The options.

    Examples:
        >>> parser().parse_args(["saved/compare-1a2b"]).folder.name
        'compare-1a2b'
    """
    made = Parser(
        "report", "Writes the page of a comparison, from the jobs that have finished.", EXAMPLES
    )
    made.add_argument("folder", type=Path, help="the output folder of a comparison")
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints the tables of the jobs that have finished, and writes the page.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them, or a folder without a comparison.

    Examples:
        Needs the folder of a comparison, finished or not::

            python run_recbole_fn.py report saved/compare-1a2b
    """
    folder = parser().parse_args(arguments).folder
    summary = read_finished(folder)
    print(summary.text)
    print(f"Report: {write_files(folder, summary)}")
    return 0
