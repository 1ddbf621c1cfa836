"""Reads a report as a browser would, as far as tests ask."""

import csv
import re
from html.parser import HTMLParser

import pytest

_LOADING = ("src", "href", "srcset", "data", "action", "poster")


class Page(HTMLParser):
    """The tags and the rows of tables of a page.

    Attributes:
        tags: (tag, attributes).
        tables: Tables, lists of rows, which are lists of cells; a break in a cell is a space.
    """

    def __init__(self, html):
        super().__init__()
        self.tags, self.tables, self._cell = [], [], None
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = self.tables[-1][-1]
        elif tag == "br" and self._cell is not None:
            self._cell[-1] += " "

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell[-1] += data
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.text += data


def assert_self_contained(page):
    """Nothing is loaded from elsewhere."""
    for tag, attributes in page.tags:
        for name in _LOADING:
            value = attributes.get(name) or ""
            assert not re.match(r"\s*(\w+:)?//", value), (tag, name, value)
        assert tag not in ("iframe", "object", "embed")


def assert_shows_csv(table, path, dataset="tiny", model="SASRec"):
    """A table of results holds the numbers of a CSV file, rounded, and no others."""
    (_, *names), *body = table
    cells = {line[0]: dict(zip(names, line[1:], strict=True)) for line in body}
    lines = list(csv.DictReader(path.open()))
    lines = [line for line in lines if (line["dataset"], line["model"]) == (dataset, model)]
    assert set(names) == {line["variant"] for line in lines}
    assert set(cells) == {line["metric"] for line in lines} | {"s/epoch", "peak MiB"}
    for line in lines:
        assert_shows_line(cells[line["metric"]][line["variant"]], line)
        seconds = float(cells["s/epoch"][line["variant"]])
        assert seconds == pytest.approx(float(line["seconds_per_epoch"]), rel=0.01)
        memory = float(cells["peak MiB"][line["variant"]])
        assert memory == pytest.approx(float(line["peak_memory_bytes"]) / 2**20, abs=0.51)


def assert_shows_line(cell, line):
    """A cell of a table holds the numbers of a line of the CSV file, rounded, and no others."""
    shown = [float(number) for number in re.findall(r"[-+]?\d[\d.e+-]*", cell)]
    names = ("mean", "std", "difference", "difference_low", "difference_high", "p", "p_holm")
    held = {name: line[name] for name in names if line[name]}
    assert len(shown) == len(held), cell
    for (name, number), rounded in zip(held.items(), shown, strict=True):
        tolerance = 5.1e-5 if name in ("mean", "std") else 0.051 if "difference" in name else None
        relative = 0.051 if name.startswith("p") else 0
        assert rounded == pytest.approx(float(number), abs=tolerance, rel=relative), cell
