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
    header, *body = table
    cells = {line[0]: dict(zip(header, line, strict=False)) for line in body}
    lines = list(csv.DictReader(path.open()))
    lines = [line for line in lines if (line["dataset"], line["model"]) == (dataset, model)]
    assert set(cells) == {line["variant"] for line in lines}
    assert set(header[1:-2]) == {line["metric"] for line in lines}
    for line in lines:
        cell = cells[line["variant"]][line["metric"]]
        shown = [float(number) for number in re.findall(r"[-+]?\d[\d.e+-]*", cell)]
        names = [name for name in ("mean", "std", "difference", "p") if line[name]]
        assert len(shown) == len(names), cell
        for name, number in zip(names, shown, strict=False):
            tolerance = {"mean": 5.1e-5, "std": 5.1e-5, "difference": 0.051}.get(name)
            relative = 0.051 if name == "p" else 0
            assert number == pytest.approx(float(line[name]), abs=tolerance, rel=relative), cell
