"""The rows of a comparison as a data frame, as CSV, as Markdown and as text for a terminal."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import groupby

from pandas import DataFrame

from recbole_fn.results.statistics import Row
from recbole_fn.results.text_table import blocks, draw
from recbole_fn.utils.digits import significant

_PAIRED = {
    "users and seeds": "users and seeds",
    "users": "the users of one seed, which does not count what another seed would change",
    "seeds": "seeds alone where users have no values of a metric",
}
COLUMNS = tuple(field.name for field in fields(Row))


def as_frame(rows: Sequence[Row]) -> DataFrame:
    """A line for each row, a column for each field; missing numbers are NaN or None.

    Example:
        >>> as_frame([]).columns[:3].tolist()
        ['dataset', 'model', 'variant']
    """
    return DataFrame([vars(row) for row in rows], columns=list(COLUMNS))


def as_csv(rows: Sequence[Row]) -> str:
    """The frame as CSV, with numbers in full; a missing number is an empty cell.

    Example:
        >>> as_csv([]).split(",")[:3]
        ['dataset', 'model', 'variant']
    """
    return as_frame(rows).to_csv(index=False, lineterminator="\n")


def as_markdown(rows: Sequence[Row], baseline: str, notes: Sequence[str]) -> str:
    """A table for each data set and model, and notes below.

    Example:
        >>> print(as_markdown([], "off", ["A note."]))
        # Comparison
        - Seeds: none; mean ± standard deviation over the seeds.
        - A note.
    """
    parts = ["# Comparison\n"]
    for (dataset, model), group in groups(rows):
        cells = cell_table(group).replace("\n", "<br>", regex=True)
        parts.append(f"## {model}, {dataset}\n\n{draw(cells, 'pipe')}\n")
    parts.append("\n".join(f"- {note}" for note in (legend(rows, baseline), *notes)) + "\n")
    return "\n".join(parts)


def as_text(rows: Sequence[Row], baseline: str, notes: Sequence[str]) -> str:
    """The same tables for a terminal, in blocks of at most `WIDTH` columns.

    Example:
        >>> print(as_text([], "off", ["A note."]))
        Seeds: none; mean ± standard deviation over the seeds.
        A note.
    """
    parts = []
    for (dataset, model), group in groups(rows):
        parts += [f"{model}, {dataset} (test)", *blocks(cell_table(group))]
    return "\n\n".join([*parts, "\n".join([legend(rows, baseline), *notes])])


def legend(rows: Sequence[Row], baseline: str) -> str:
    """A sentence on what a cell holds.

    Example:
        >>> legend([], "off")
        'Seeds: none; mean ± standard deviation over the seeds.'
    """
    seeds = " or ".join(str(number) for number in sorted({row.seeds for row in rows}))
    text = f"Seeds: {seeds or 'none'}; mean ± standard deviation over the seeds"
    if any(row.difference is not None for row in rows):
        text += f"; difference to {baseline}"
    return f"{text}{_of_tests(rows)}."


def _of_tests(rows: Sequence[Row]) -> str:
    tests = [row.test for row in rows if row.p is not None]
    if not tests:
        return ""
    pairs = ", or ".join(phrase for test, phrase in _PAIRED.items() if test in tests)
    return (
        f", and its 95 % interval in square brackets; p of a paired t test over {pairs} (in round "
        f"brackets: after Holm's correction over all {len(tests)} tests). The smallest detectable "
        "difference is the one that such a test finds at the 5 % level with a power of about 80 %; "
        "with two to five seeds it is an underestimate"
    )


def groups(rows: Sequence[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """The rows of each (data set, model).

    Example:
        >>> from types import SimpleNamespace
        >>> rows = [SimpleNamespace(dataset="d", model=model) for model in ("GRU4Rec", "GRU4Rec")]
        >>> [(key, len(group)) for key, group in groups(rows)]
        [(('d', 'GRU4Rec'), 2)]
    """
    grouped = groupby(rows, key=lambda row: (row.dataset, row.model))
    return [(key, list(group)) for key, group in grouped]


def cell_table(rows: Sequence[Row]) -> DataFrame:
    """The cells of one table as text, possibly of several lines.

    Args:
        rows: The rows of one data set and model.

    Returns:
        A row for each metric and for each cost, a column for each variant.

    Example:
        >>> from recbole_fn.results.statistics import compare_results
        >>> list(cell_table(compare_results(results, "off")).index)
        ['ndcg@10', 'valid ndcg@10, last 5', 's/epoch', 'peak MiB']
    """
    columns: dict[str, dict[str, str]] = {}
    for row in rows:
        costs = {"s/epoch": significant(row.seconds_per_epoch)}
        costs["peak MiB"] = f"{row.peak_memory_bytes / 2**20:.0f}"
        columns.setdefault(row.variant, costs)[row.metric] = _cell(row)
    metrics = dict.fromkeys(row.metric for row in rows)
    frame = DataFrame(columns, index=[*metrics, "s/epoch", "peak MiB"])
    return frame.fillna("-").rename_axis("metric")


def _cell(row: Row) -> str:
    cell = f"{row.mean:.4f}" if row.std is None else f"{row.mean:.4f} ± {row.std:.4f}"
    if row.difference is not None:
        cell += f"\n{row.difference:+.1f} %"
    if row.difference_low is not None and row.difference_high is not None:
        cell += f"\n[{row.difference_low:+.1f}, {row.difference_high:+.1f}]"
    if row.p is not None:
        cell += f"\np {row.p:.2g}"
    return cell if row.p_holm is None else f"{cell} ({row.p_holm:.2g})"
