"""The table at the end of a run."""

from collections.abc import Mapping

from texttable import Texttable


def results_table(valid: Mapping[str, float] | None, test: Mapping[str, float] | None) -> str:
    """Best validation and test results side by side.

    Args:
        valid: Metrics of the best validation; None without validation data.
        test: Metrics of the test; None without test data.

    Returns:
        The table, one metric a line.
    """
    table = Texttable()
    table.set_cols_align(["l", "r", "r"])
    table.set_cols_dtype(["t", "t", "t"])
    table.header(["metric", "best valid", "test"])
    for metric in dict.fromkeys([*(valid or {}), *(test or {})]):
        table.add_row([metric, *(_cell(part, metric) for part in (valid, test))])
    drawn: str = table.draw()
    return drawn


def _cell(results: Mapping[str, float] | None, metric: str) -> str:
    return "-" if results is None or metric not in results else f"{results[metric]:.4f}"
