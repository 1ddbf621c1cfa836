"""The rows of a comparison as CSV, as Markdown and on the screen."""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields
from itertools import groupby
from typing import Any, get_type_hints

from texttable import Texttable

from recbole_fn.results.statistics import Row

COLUMNS = tuple(field.name for field in fields(Row))
_COSTS = ("s/epoch", "peak MiB")


def as_csv(rows: Sequence[Row]) -> str:
    """A line for each row, numbers in full; empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def from_csv(text: str) -> list[Row]:
    """The rows that `as_csv` wrote."""
    return [_row(line) for line in csv.DictReader(io.StringIO(text))]


def as_markdown(rows: Sequence[Row], baseline: str, notes: Sequence[str]) -> str:
    """A table for each data set and model, and notes below."""
    parts = ["# Comparison\n"]
    for (dataset, model), group in groups(rows):
        header, *lines = lines_of(group, "<br>")
        rule = ["---", *["---:"] * (len(header) - 1)]
        drawn = "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))
        parts.append(f"## {model}, {dataset}\n\n{drawn}\n")
    parts.append("\n".join(f"- {note}" for note in (legend(rows, baseline), *notes)) + "\n")
    return "\n".join(parts)


def as_text(rows: Sequence[Row], baseline: str, notes: Sequence[str]) -> str:
    """The same for the screen."""
    parts = []
    for (dataset, model), group in groups(rows):
        header, *lines = lines_of(group, "\n")
        table = Texttable(max_width=0)
        table.set_cols_dtype(["t"] * len(header))
        table.set_cols_align(["l", *["r"] * (len(header) - 1)])
        table.header(header)
        table.add_rows(lines, header=False)
        parts.append(f"{model}, {dataset} (test)\n{table.draw()}")
    return "\n".join([*parts, legend(rows, baseline), *notes])


def legend(rows: Sequence[Row], baseline: str) -> str:
    """What a cell holds."""
    seeds = " or ".join(str(number) for number in sorted({row.seeds for row in rows}))
    tests = sorted({row.test for row in rows} - {""}, reverse=True)
    legend = f"Seeds: {seeds or 'none'}; mean ± standard deviation over the seeds"
    if tests:
        legend += (
            f"; difference to {baseline}; p of a paired t test over the {' or '.join(tests)}, "
        )
        legend += "not corrected for the number of differences"
    return f"{legend}."


def groups(rows: Sequence[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """The rows of each data set and model."""
    grouped = groupby(rows, key=lambda row: (row.dataset, row.model))
    return [(key, list(group)) for key, group in grouped]


def lines_of(rows: Sequence[Row], newline: str) -> list[list[str]]:
    """The header and a line for each variant, as cells; `newline` parts what a cell holds."""
    metrics = list(dict.fromkeys(row.metric for row in rows))
    lines = [["variant", *metrics, *_COSTS]]
    for variant, group in groupby(rows, key=lambda row: row.variant):
        cells = {row.metric: row for row in group}
        first = next(iter(cells.values()))
        costs = [f"{first.seconds_per_epoch:.3g}", f"{first.peak_memory_bytes / 2**20:.0f}"]
        lines.append([variant, *(_cell(cells[metric], newline) for metric in metrics), *costs])
    return lines


def _row(line: dict[str, str]) -> Row:
    """Only floats can be missing; text may be empty."""
    read: dict[Any, Any] = {str: str, int: int, float: float}
    kinds = {name: read.get(kind, _number) for name, kind in get_type_hints(Row).items()}
    return Row(**{name: kind(line[name]) for name, kind in kinds.items()})


def _number(text: str) -> float | None:
    return float(text) if text else None


def _cell(row: Row, newline: str) -> str:
    cell = f"{row.mean:.4f}" if row.std is None else f"{row.mean:.4f} ± {row.std:.4f}"
    if row.difference is not None:
        cell += f"{newline}{row.difference:+.1f} %"
    return cell if row.p is None else f"{cell}, p {row.p:.2g}"
