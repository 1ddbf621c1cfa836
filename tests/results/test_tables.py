"""The tables show the numbers of the CSV file."""

import csv
import io
import re

import pytest

from recbole_fn.results.statistics import summarize
from recbole_fn.results.tables import COLUMNS, as_csv, as_markdown, as_text
from tests.helpers.job_results import made_up


@pytest.fixture
def rows():
    baseline = made_up("off")
    variants = [baseline, made_up("drop", shift=0.02), made_up("flip", shift=-0.01)]
    return [row for variant in variants for row in summarize(variant, baseline, None)]


def read_csv(rows):
    return list(csv.DictReader(io.StringIO(as_csv(rows))))


def read_markdown(rows):
    """Cells by variant and column."""
    lines = [line for line in as_markdown(rows, "off", []).splitlines() if line.startswith("|")]
    header, _, *body = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {cells[0]: dict(zip(header, cells, strict=False)) for cells in body}


def test_the_csv_holds_the_rows_in_full(rows):
    lines = read_csv(rows)
    assert len(lines) == len(rows) == 6 and tuple(lines[0]) == COLUMNS
    for line, row in zip(lines, rows, strict=False):
        for column in ("mean", "std", "difference", "p", "seconds_per_epoch", "peak_memory_bytes"):
            value = getattr(row, column)
            assert (float(line[column]) if line[column] else None) == value


def test_the_table_shows_what_the_csv_holds(rows):
    cells = read_markdown(rows)
    assert list(cells) == ["off", "drop", "flip"]
    for line in read_csv(rows):
        cell = cells[line["variant"]][line["metric"]]
        shown = [float(number) for number in re.findall(r"[-+]?\d[\d.e+-]*", cell)]
        names = [name for name in ("mean", "std", "difference", "p") if line[name]]
        held = [float(line[name]) for name in names]
        tolerance = {"mean": 5e-5, "std": 5e-5, "difference": 0.05}
        assert len(shown) == len(held)
        for name, number, value in zip(names, shown, held, strict=False):
            assert number == pytest.approx(value, abs=tolerance.get(name), rel=0.05), cell
        seconds = float(cells[line["variant"]]["s/epoch"])
        assert seconds == pytest.approx(float(line["seconds_per_epoch"]), rel=0.01)
        memory = float(cells[line["variant"]]["peak MiB"])
        assert memory == pytest.approx(float(line["peak_memory_bytes"]) / 2**20, abs=0.5)


def test_the_screen_shows_what_the_markdown_does(rows):
    text = as_text(rows, "off", ["A note."])
    for cells in read_markdown(rows).values():
        for cell in cells.values():
            assert all(part in text for part in cell.split("<br>"))
    assert "A note." in text and "Seeds: 5; mean" in text
    assert "difference to off; p of a paired t test over the seeds, not corrected" in text


def test_no_rows_make_a_table_without_any():
    assert "Seeds: none" in as_text([], "off", []) and "Seeds: none" in as_markdown([], "off", [])
