"""The page shows the numbers of the CSV file, loads nothing, and says what is missing."""

import json
import subprocess
import sys

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from recbole_fn.cli import main
from recbole_fn.report import write_report
from recbole_fn.results import tables
from recbole_fn.results.statistics import summarize
from tests.helpers.page_checks import Page, assert_self_contained, assert_shows_csv
from tests.helpers.report_folder import job

NOTE = "A <note>."


def write_folder(folder, jobs):
    """Writes what a comparison leaves behind."""
    (folder / "jobs").mkdir()
    for one in jobs:
        name, arrays = f"{one['variant']}-{one['seed']}", one["ranks"]
        if arrays is not None:
            np.savez(folder / "jobs" / f"{name}.npz", **arrays)
        held = {**one, "ranks": arrays and f"{name}.npz"}
        (folder / "jobs" / f"{name}.json").write_text(json.dumps(held))
    variants = {
        variant: [one for one in jobs if one["variant"] == variant]
        for variant in ("off", "flip", "other")
    }
    rows = [
        row
        for variant in variants.values()
        if variant
        for row in summarize(variant, variants["off"], None)
    ]
    (folder / "comparison.csv").write_text(tables.as_csv(rows))
    names = [f"{one['variant']}-{one['seed']}" for one in jobs]
    about = {"baseline": "off", "notes": [NOTE], "jobs": names}
    (folder / "comparison.json").write_text(json.dumps(about))
    return rows


@pytest.fixture
def jobs():
    seeds = (0, 1)
    found = [job("off", seed) for seed in seeds]
    found += [job("flip", seed, extracts=True, test={"ndcg@10": 0.3 + seed}) for seed in seeds]
    return [*found, *(job("other", seed, ranks=None) for seed in seeds)]


@pytest.fixture
def page(own_folder, jobs):
    write_folder(own_folder, jobs)
    return Page(write_report(own_folder).read_text())


def test_rows_come_back_from_the_csv(own_folder, jobs):
    rows = write_folder(own_folder, jobs)
    assert tables.from_csv((own_folder / "comparison.csv").read_text()) == rows


def test_the_table_shows_the_numbers_of_the_csv(page, own_folder):
    assert_shows_csv(page.tables[0], own_folder / "comparison.csv", "d", "M")


def test_nothing_is_loaded_from_elsewhere_and_plotly_is_there_once(page, own_folder):
    assert_self_contained(page)
    assert (own_folder / "report.html").read_text().count(get_plotlyjs()) == 1


def test_every_figure_has_a_title_a_sentence_and_a_place(page):
    titles = [tag for tag, _ in page.tags if tag == "h4"]
    captions = [tag for tag, _ in page.tags if tag == "figcaption"]
    assert len(titles) == 14 and len(captions) == 14 + 2
    ids = [attributes["id"] for tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) == 14 + 1


def test_what_is_missing_is_said(page):
    assert page.text.count("No data: off, other.") == 6 + 1  # extraction, and the examples
    assert page.text.count("No data: other.") == 2 + 2  # gains and breadth
    assert NOTE in page.text


def test_examples_mark_what_came_true(page, own_folder):
    _, line = page.tables[1]
    assert line[:3] == ["flip", "u<1>", "a, b"] and line[3:] == ["c, d", "d", "e"]
    assert "c, <mark>d</mark>" in (own_folder / "report.html").read_text()


def test_without_extraction_figures_give_way_to_a_sentence(own_folder):
    write_folder(own_folder, [job("off", 0)])
    page = Page(write_report(own_folder).read_text())
    assert page.text.count("No variant has data here.") == 6 + 2
    assert "No variant has flipped an item." in page.text


def test_the_command_writes_the_page_again(own_folder, jobs, capsys):
    write_folder(own_folder, jobs)
    assert main(["report", str(own_folder)]) == 0
    assert str(own_folder / "report.html") in capsys.readouterr().out
    assert (own_folder / "report.html").stat().st_size > 1 << 20


def test_a_folder_without_a_comparison_is_told_in_one_line(own_folder, capsys):
    assert main(["report", str(own_folder)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "comparison.json" in line and "allowed is" in line


def test_training_does_not_import_reports():
    code = (
        "import sys, recbole_fn.experiment.run, recbole_fn.comparison.job\n"
        "import recbole_fn.training.trainer\n"
        "sys.exit(any(name.startswith('recbole_fn.report') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
