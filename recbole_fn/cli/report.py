"""`report`: prints the tables of a comparison and writes its page."""

from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.parser import Parser
from recbole_fn.report.reading import read_finished
from recbole_fn.report.writing import write_report

_DOES = """\
Prints the tables of a comparison and writes its page, report.html, with comparison.csv,
comparison.md, curves.csv and gains.csv, into its folder. The jobs that have finished are enough;
others may still be training."""
EXAMPLES = ("saved/compare-1a2b3c4d", "saved/mine", "../results/beauty")


def parser() -> Parser:
    """The options.

    Examples:
        >>> parser().parse_args(["saved/compare-1a2b"]).folder.name
        'compare-1a2b'
    """
    made = Parser("report", _DOES, EXAMPLES)
    reported = made.add_argument_group("what is reported")
    reported.add_argument("folder", type=Path, help="the output folder of `compare`")
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
        >>> run([str(comparison)])
        M, d (test)
        ...
        Report: .../report.html
        0
    """
    folder = parser().parse_args(arguments).folder
    print(read_finished(folder).text)
    print(f"Report: {write_report(folder)}")
    return 0
