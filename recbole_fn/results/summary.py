"""The table at the end of a run."""

from collections.abc import Mapping

from recbole_fn.results.text_table import text_table


def results_table(valid: Mapping[str, float] | None, test: Mapping[str, float] | None) -> str:
    """Best validation and test results side by side.

    Args:
        valid: Metrics of the best validation; None without validation data.
        test: Metrics of the test; None without test data.

    Returns:
        The table, one metric a line.

    Examples:
        >>> print(results_table({"ndcg@10": 0.0629}, {"ndcg@10": 0.0529}))
        metric      best valid    test
        --------  ------------  ------
        ndcg@10         0.0629  0.0529
    """
    names = dict.fromkeys([*(valid or {}), *(test or {})])
    return text_table(
        [{"metric": n, "best valid": _cell(valid, n), "test": _cell(test, n)} for n in names],
        "metric",
    )


def _cell(results: Mapping[str, float] | None, metric: str) -> str:
    return "-" if results is None or metric not in results else f"{results[metric]:.4f}"
