"""The documentation's tables hold what the classes hold, and its pages use each of them."""

import doctest
from dataclasses import dataclass

import pytest

from docs import tables
from recbole_fn.config.components import Component, argument
from recbole_fn.config.constraints import integer
from recbole_fn.extraction import TREATMENTS
from recbole_fn.losses import LOSSES
from recbole_fn.negatives import SAMPLERS
from recbole_fn.priors import PRIORS


def cells(name):
    """The rows of a table below its header."""
    lines = tables.TABLES[name]().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_examples_run():
    assert doctest.testmod(tables).failed == 0


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_is_on_one_page_and_has_no_empty_cell(name, root):
    pages = [path.read_text() for path in (root / "docs").glob("*.md")]
    assert sum(page.count(f"```{{generated}} {name}\n") for page in pages) == 1
    rows = cells(name)
    assert rows and all(all(row) and len(row) == len(rows[0]) for row in rows)


def test_every_key_means_something():
    for name in ("fn_keys", "tune_keys"):
        assert all(len(meaning.split()) > 3 for _, _, _, meaning in cells(name))


@pytest.mark.parametrize(
    ("table", "page", "parts"),
    [
        ("losses", "losses", LOSSES),
        ("treatments", "treatments", TREATMENTS),
        ("samplers", "negatives", SAMPLERS),
        ("priors", "priors", PRIORS),
    ],
)
def test_every_component_has_a_row_and_words(table, page, parts, root):
    names = [part.name for part in parts]
    assert [row[0].strip("`") for row in cells(table)] == names
    text = (root / "docs" / f"{page}.md").read_text()
    assert [name for name in names if f"`{name}`" not in text] == []


def test_arguments_are_described():
    class Greeting(Component):
        """Greets.

        More.
        """

        @dataclass(frozen=True)
        class Args:
            times: int = argument(1, integer(1, 9), "how often it greets")

    assert tables.arguments(Greeting) == ("`times: 1`: how often it greets; an integer from 1 to 9")
    assert tables.summary(Greeting) == "Greets."
