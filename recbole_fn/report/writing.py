"""Writes the tables and the page of a comparison into its output folder."""

from pathlib import Path

from recbole_fn.report.figure_data import curves_frame, gains_frame
from recbole_fn.report.page import page
from recbole_fn.report.reading import Summary, read_finished
from recbole_fn.results import tables
from recbole_fn.utils.files import write_whole


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
    return write_files(folder, read_finished(folder))


def write_files(folder: Path, summary: Summary) -> Path:
    """Writes the tables, the numbers behind the figures, and the page.

    These are `comparison.csv`, `comparison.md`, `curves.csv`, `gains.csv` and `report.html`.

    Args:
        folder: The output folder.
        summary: The finished jobs.

    Returns:
        The page.

    Example:
        >>> page = write_files(comparison, read_finished(comparison))
        >>> sorted(path.name for path in comparison.glob("*.*"))
        ['comparison.csv', 'comparison.json', 'comparison.md', 'curves.csv', 'gains.csv',
         'report.html']
    """
    rows, path = summary.rows, folder / "report.html"
    write_whole(folder / "comparison.csv", tables.as_csv(rows))
    for name, frame in (("curves", curves_frame), ("gains", gains_frame)):
        numbers = frame(summary.groups).to_csv(index=False, lineterminator="\n")
        write_whole(folder / f"{name}.csv", numbers)
    text = tables.as_markdown(rows, summary.baseline, summary.notes)
    write_whole(folder / "comparison.md", text)
    write_whole(path, page(summary.groups, summary.notes))
    return path
