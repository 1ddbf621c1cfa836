"""The tables show the numbers of the CSV file, and fit a terminal."""

import csv
import io
import re

import numpy as np
import pytest

from recbole_fn.results.statistics import compare_results
from recbole_fn.results.summary import results_table
from recbole_fn.results.tables import COLUMNS, as_csv, as_frame, as_markdown, as_text, legend
from tests.helpers.job_results import job_result, made_up
from tests.helpers.page_checks import assert_shows_csv
from tests.helpers.report_folder import job, ranks


@pytest.fixture
def rows():
    results = [*made_up("off"), *made_up("drop", shift=0.02), *made_up("flip", shift=-0.01)]
    return compare_results(results, "off")


def read_csv(rows):
    return list(csv.DictReader(io.StringIO(as_csv(rows))))


def read_markdown(rows):
    """The lines of the table, each a list of cells."""
    lines = [line for line in as_markdown(rows, "off", []).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells[0], *cells[2:]]


def test_the_csv_and_the_frame_hold_the_rows_in_full(rows):
    lines, frame = read_csv(rows), as_frame(rows)
    assert len(lines) == len(rows) == len(frame) == 6
    assert tuple(lines[0]) == tuple(frame.columns) == COLUMNS
    for place, (line, row) in enumerate(zip(lines, rows, strict=True)):
        for column in COLUMNS:
            value = getattr(row, column)
            assert line[column] == ("" if value is None else str(value)), column
            if value is not None:
                assert frame[column][place] == value


def test_the_table_shows_what_the_csv_holds(rows, tmp_path):
    (tmp_path / "comparison.csv").write_text(as_csv(rows))
    table = read_markdown(rows)
    assert table[0] == ["metric", "off", "drop", "flip"]
    assert_shows_csv(table, tmp_path / "comparison.csv", "d", "M")


def test_a_bar_in_a_name_is_no_end_of_a_markdown_cell():
    jobs = [job_result(name, 1, **{"a|b@1": 0.5}) for name in ("off", "a|b", "c")]
    rows = compare_results(jobs, "off")
    lines = [line for line in as_markdown(rows, "off", []).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert cells[0] == ["metric", "off", r"a\|b", "c"] and cells[2][0] == r"a\|b@1"
    assert {len(line) for line in cells} == {4}
    assert "a|b " in as_text(rows, "off", []) and "\\" not in as_text(rows, "off", [])


def test_the_screen_shows_what_the_markdown_does(rows):
    text = as_text(rows, "off", ["A note."])
    for line in read_markdown(rows):
        for cell in line:
            assert all(part in text for part in cell.split("<br>"))
    assert "A note." in text and "Seeds: 5; mean" in text
    assert "difference to off, and its 95 % interval in square brackets" in text
    assert "paired t test over seeds alone where users have no values of a metric" in text
    assert "after Holm's correction over all 4 tests" in text
    assert "smallest detectable difference is the one that such a test finds" in text
    assert "power of about 80 %; with two to five seeds it is an underestimate." in text


def test_the_legend_says_what_is_paired():
    def of(*seeds, ranked=True):
        def shifted(by):
            return ranks(shift=by) if ranked else None

        off = [job("off", seed, target_ranks=shifted(0)) for seed in seeds]
        test = {"ndcg@10": 0.5}
        flip = [job("flip", seed, test=test, target_ranks=shifted(seed)) for seed in seeds]
        return legend(compare_results([*off, *flip], "off"), "off")

    assert "t test over users and seeds (in" in of(1, 2)
    assert "t test over the users of one seed, which does not count what another seed" in of(1)
    assert "t test over seeds alone" in of(1, 2, ranked=False)
    one = of(1, ranked=False)
    assert "difference to off." in one and "t test" not in one and "detectable" not in one


METRICS = [f"{name}@{k}" for name in ("recall", "mrr", "ndcg", "hit", "precision") for k in (5, 10)]
SHORT = ["off", "average", "drop", "soft", "flip", "flip-no-consistency", "recbole-ce"]
LONG = [
    "off",
    *(f"a-variant-named-by-a-whole-line-of-text-{n}-" * 3 for n in range(6)),
]


@pytest.mark.parametrize("names", [SHORT, LONG])
def test_many_variants_and_metrics_fit_a_terminal(names):
    chance = np.random.default_rng(0)
    results = [
        job_result(name, seed, **dict(zip(METRICS, chance.random(len(METRICS)), strict=True)))
        for name in names
        for seed in range(3)
    ]
    rows = compare_results(results, "off")
    tables = as_text(rows, "off", []).rsplit("\n\n", 1)[0]
    assert max(map(len, tables.splitlines())) <= 100
    assert len({tables.count(f"\n{metric} ") for metric in METRICS}) == 1  # once in each block
    assert tables.count("±") == len(names) * len(METRICS)
    assert len(re.findall(r"\bp \d", tables)) == (len(names) - 1) * len(METRICS)
    if names is SHORT:
        assert all(name in tables for name in names)


def test_a_wide_table_is_one_where_it_fits(rows):
    assert as_text(rows, "off", []).count("\nndcg ") == 1


def test_no_rows_make_a_table_without_any():
    assert "Seeds: none" in as_text([], "off", []) and "Seeds: none" in as_markdown([], "off", [])


def test_a_metric_that_only_one_side_has_is_a_dash_on_the_other():
    lines = results_table({"ndcg@10": 0.25}, {"gini": 0.5}).splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["ndcg@10", "0.2500", "-"],
        ["gini", "-", "0.5000"],
    ]
