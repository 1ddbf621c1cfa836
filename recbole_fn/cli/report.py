"""The command line of a report."""

import sys
from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.parser import Parser
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.report.page import write_report
from recbole_fn.utils.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the report of a comparison again.

    Args:
        arguments: The arguments after the program's name; those of the process by default.

    Returns:
        The exit code: 0, or 2 for a mistake of the user's, told in one line.
    """
    silence_known_warnings()
    parser = Parser("python -m recbole_fn.report", "Writes the report of a comparison again.")
    parser.add_argument("folder", type=Path, help="the output folder of a comparison")
    try:
        print(f"Report: {write_report(parser.parse_args(arguments).folder)}")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
