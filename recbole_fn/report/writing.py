"""Writes the tables and the page of a comparison into its output folder."""

from collections.abc import Callable
from pathlib import Path

from recbole_fn.report.figure_data import curves_frame, gains_frame
from recbole_fn.report.page import page
from recbole_fn.report.reading import Summary, read_finished
from recbole_fn.results import tables
from recbole_fn.results.comparison_file import ComparisonFile
from recbole_fn.utils.claims import in_turn
from recbole_fn.utils.files import write_whole

_PAGE = "report.html"


def write_report(folder: Path) -> Path:
    """Writes the tables and the page of the jobs that have finished so far.

    Args:
        folder: The output folder of a comparison, which may still run.

    Returns:
        The page, `report.html`.

    Raises:
        InputError: If the folder holds no comparison, or none of its jobs has finished.

    Example:
        >>> write_report(comparison).relative_to(folder).as_posix()
        'comparison/report.html'
    """
    write_newest(folder, read_finished)
    return folder / _PAGE


def write_newest(folder: Path, read: Callable[[Path], Summary]) -> Summary:
    """Reads the finished jobs and writes the files of them, as the only process that does.

    A report of a comparison that ends meanwhile would otherwise replace the comparison's own.

    Args:
        folder: The output folder.
        read: Reads them: `read_summary` or `read_finished`.

    Returns:
        What it has read.

    Example:
        >>> summary = write_newest(comparison, read_finished)
        >>> sorted(path.name for path in comparison.glob("[a-z]*.*"))
        ['comparison.csv', 'comparison.json', 'comparison.md', 'curves.csv', 'gains.csv',
         'report.html']
    """
    ComparisonFile.read(folder)  # refuses another folder before there is a lock in it
    with in_turn(folder / _PAGE):
        summary = read(folder)
        _write_files(folder, summary)
    return summary


def _write_files(folder: Path, summary: Summary) -> None:
    """Writes the tables, the numbers behind the figures, and the page.

    These are `comparison.csv`, `comparison.md`, `curves.csv`, `gains.csv` and `report.html`.
    """
    rows = summary.rows
    write_whole(folder / "comparison.csv", tables.as_csv(rows))
    for name, frame in (("curves", curves_frame), ("gains", gains_frame)):
        numbers = frame(summary.groups).to_csv(index=False, lineterminator="\n")
        write_whole(folder / f"{name}.csv", numbers)
    text = tables.as_markdown(rows, summary.baseline, summary.notes)
    write_whole(folder / "comparison.md", text)
    write_whole(folder / _PAGE, page(summary.groups, summary.notes))
