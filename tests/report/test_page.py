"""The page shows the numbers of the CSV file, loads nothing, and says what is missing."""

import subprocess
import sys

import pytest
from plotly.offline import get_plotlyjs

from recbole_fn.cli import main
from recbole_fn.cli import report as command
from recbole_fn.report import write_report, writing
from recbole_fn.report.reading import read_summary
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone
from tests.helpers.page_checks import Page, assert_self_contained, assert_shows_csv
from tests.helpers.report_folder import job, write_folder

NOTE = "A <note>."


@pytest.fixture
def jobs():
    seeds = (0, 1)
    results = [job("off", seed) for seed in seeds]
    results += [job("flip", seed, extracts=True, test={"ndcg@10": 0.3 + seed}) for seed in seeds]
    return [*results, *(job("other", seed, target_ranks=None) for seed in seeds)]


@pytest.fixture
def page(own_folder, jobs):
    write_folder(own_folder, jobs, [NOTE])
    return Page(write_report(own_folder).read_text())


@pytest.mark.slow
def test_the_table_shows_the_numbers_of_the_csv(page, own_folder):
    assert_shows_csv(page.tables[0], own_folder / "comparison.csv", "d", "M")


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere_and_plotly_is_there_once(page, own_folder):
    assert_self_contained(page)
    assert (own_folder / "report.html").read_text().count(get_plotlyjs()) == 1


@pytest.mark.slow
def test_every_figure_has_a_title_a_sentence_and_a_place(page):
    titles = [tag for tag, _ in page.tags if tag == "h4"]
    captions = [tag for tag, _ in page.tags if tag == "figcaption"]
    assert len(titles) == 15 and len(captions) == 15 + 3
    ids = [attributes["id"] for tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) == 15 + 1


@pytest.mark.slow
def test_what_is_missing_is_said(page):
    assert page.text.count("No data: off, other.") == 6 + 1  # extraction, and the examples
    assert page.text.count("No data: other.") == 3 + 2  # gains and coverage_pictures
    assert NOTE in page.text


@pytest.mark.slow
def test_examples_mark_what_came_true(page, own_folder):
    _, line = page.tables[1]
    assert line[:3] == ["flip", "u<1>", "a, b"] and line[3:] == ["c, d", "d", "e"]
    assert "c, <mark>d</mark>" in (own_folder / "report.html").read_text()


def test_without_extraction_figures_give_way_to_a_sentence(own_folder):
    write_folder(own_folder, [job("off", 0)])
    page = Page(write_report(own_folder).read_text())
    assert page.text.count("No variant has data here.") == 6 + 3
    assert "No variant has extracted an item." in page.text


@pytest.mark.slow
def test_the_command_writes_the_page_again(own_folder, jobs, capsys):
    write_folder(own_folder, jobs, [NOTE])
    assert main(["report", str(own_folder)]) == 0
    assert str(own_folder / "report.html") in capsys.readouterr().out
    assert (own_folder / "report.html").stat().st_size > 1 << 20


def test_a_folder_without_a_comparison_is_told_in_one_line(own_folder, capsys):
    assert main(["report", str(own_folder)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "comparison.json" in line and "must be the output folder" in line


@pytest.mark.slow
def test_a_report_of_a_comparison_that_is_not_finished_says_how_much_is(own_folder, jobs, capsys):
    write_folder(own_folder, jobs[:3], planned=["flip-1", "other-0", "other-1"])
    page = Page(write_report(own_folder).read_text())
    sentence = "3 of 6 jobs have finished"
    assert sentence in page.text and sentence in (own_folder / "comparison.md").read_text()
    assert sentence in read_summary(own_folder).text
    assert main(["report", str(own_folder)]) == 0
    assert sentence in capsys.readouterr().out
    assert_shows_csv(page.tables[0], own_folder / "comparison.csv", "d", "M")
    write_folder(own_folder / "whole", jobs)
    assert "jobs have finished" not in read_summary(own_folder / "whole").text


@pytest.mark.slow
def test_an_older_report_does_not_overwrite_a_newer_one(own_folder, jobs, monkeypatch):
    def then_the_last_job_finishes(text):
        if not shown:
            later.rename(last)
            write_report(own_folder)
        shown.append(text)

    shown = []
    write_folder(own_folder, jobs)
    last = own_folder / "jobs" / "other-1.json"
    later = last.rename(last.with_suffix(".later"))
    monkeypatch.setattr(command, "print", then_the_last_job_finishes, raising=False)
    assert main(["report", str(own_folder)]) == 0
    assert "5 of 6 jobs have finished" in shown[0]
    for name in ("report.html", "comparison.md"):
        assert "jobs have finished" not in (own_folder / name).read_text()


def test_who_reads_for_a_report_and_writes_it_is_alone(own_folder, monkeypatch):
    def in_turn(do):
        def checked(*args):
            with pytest.raises(InputError), alone(own_folder, "in use", ".report.html.lock"):
                pass
            checks.append(do.__name__)
            return do(*args)

        return checked

    checks = []
    write_folder(own_folder, [job("off", 0)])
    for name in ("read_finished", "page"):
        monkeypatch.setattr(writing, name, in_turn(getattr(writing, name)))
    write_report(own_folder)
    assert checks == ["read_finished", "page"]


def test_a_folder_without_a_comparison_gets_no_lock(own_folder):
    for folder in (own_folder, own_folder / "nowhere"):
        with pytest.raises(InputError):
            write_report(folder)
    assert not [*own_folder.iterdir()]


def test_a_comparison_without_a_finished_job_is_told_in_one_line(own_folder, capsys):
    write_folder(own_folder, [], planned=["off-0"])
    assert main(["report", str(own_folder)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "no job in" in line and str(own_folder) in line
    assert not (own_folder / "report.html").exists()


@pytest.mark.slow
def test_training_does_not_import_reports():
    code = (
        "import sys, recbole_fn.experiment.run, recbole_fn.comparison.job\n"
        "import recbole_fn.training.trainer\n"
        "sys.exit(any(name.startswith('recbole_fn.report') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
