"""A job that finished on other data is never mixed in, and none runs on data that has changed."""

import json
import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from recbole_fn.comparison import running
from recbole_fn.comparison.compare import compare
from recbole_fn.comparison.data_files import require_same_files, with_files
from recbole_fn.comparison.finished import finished
from recbole_fn.comparison.job import run
from recbole_fn.comparison.plan import plan
from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.results.job_result import JobResult
from recbole_fn.utils.errors import InputError
from tests.comparison.test_continuing import result
from tests.helpers.runs import ROOT, SMALL

KEYS = {**SMALL, "data_path": "data", "epochs": 1, "fn_start": 0, "fn_neg_num": 4, "n_layers": 1}
NAME = "tiny-SASRec-flip-2020"


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A folder with a copy of the data set, and a comparison of it that has ended."""
    folder = tmp_path_factory.mktemp("ended")
    shutil.copytree(ROOT / "dataset" / "tiny", folder / "data" / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("sys.argv", ["pytest"])
        patch.setattr(running, "run_job", lambda job, folder, threads=None: run(job, folder))
        compared()
    return folder


@pytest.fixture(autouse=True)
def data_file(ended, own_folder, monkeypatch):
    """A copy of all that, which a test may change; jobs run in this process."""
    monkeypatch.setattr(running, "run_job", lambda job, folder, threads=None: run(job, folder))
    shutil.copytree(ended, own_folder, dirs_exist_ok=True)
    return own_folder / "data" / "tiny" / "tiny.inter"


def compared(**keys):
    return compare("SASRec", "tiny", None, {**KEYS, **keys}, ["flip"], out="out")


def found():
    """The result of the job as a comparison finds it."""
    variants = {"flip": VARIANTS["flip"]}
    (job,) = with_files(plan(["SASRec"], ["tiny"], "out/common.yaml", KEYS, variants, 1))
    return finished(job, Path("out", "jobs"))


def swap_last_items(path):
    """Changes two test targets alone: no row of training has them, and the ids stay."""
    head, *lines = path.read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    last = {row[0]: row for row in sorted(rows, key=lambda row: float(row[2]))}
    for one, other in combinations(last.values(), 2):
        ids = list(dict.fromkeys(row[1] for row in rows))
        one[1], other[1] = other[1], one[1]
        if one[1] != other[1] and ids == list(dict.fromkeys(row[1] for row in rows)):
            break
        one[1], other[1] = other[1], one[1]
    path.write_text("\n".join([head, *("\t".join(row) for row in rows)]) + "\n")


@pytest.mark.slow
def test_a_finished_job_of_other_data_is_refused_and_left_alone(data_file):
    before, text = result(Path("out"), NAME), data_file.read_text()
    assert list(before["files"]) == ["tiny.inter"]
    swap_last_items(data_file)
    for keys in ({}, {"epochs": 2}):  # neither taken for the result, nor trained on
        with pytest.raises(InputError, match="data set file 'tiny.inter' has changed since"):
            compared(**keys)
    assert result(Path("out"), NAME) == before
    data_file.write_text(text)
    assert found() == JobResult.read(Path("out", "jobs", f"{NAME}.json"))


@pytest.mark.slow
def test_a_result_of_an_earlier_version_is_still_read(data_file):
    path = Path("out", "jobs", f"{NAME}.json")
    path.write_text(
        json.dumps({k: v for k, v in result(Path("out"), NAME).items() if k != "files"})
    )
    swap_last_items(data_file)
    assert found().files == {}


@pytest.mark.slow
def test_a_job_that_was_stopped_starts_anew_on_other_data(data_file, caplog):
    Path("out", "jobs", f"{NAME}.json").unlink()  # trained, and not tested
    swap_last_items(data_file)
    compared()
    assert "The job starts anew: " in caplog.text and "was saved on other data." in caplog.text


@pytest.mark.slow
def test_a_file_that_changes_while_the_comparison_runs_ends_the_next_job(data_file):
    Path("common.yaml").write_text("{}")
    jobs = plan(["SASRec"], ["tiny"], "common.yaml", KEYS, VARIANTS, [1])
    job = with_files(jobs)[0]
    assert require_same_files(job, job.config()) == job.files
    swap_last_items(data_file)
    with pytest.raises(InputError, match="'tiny.inter' has changed since the comparison began"):
        run(job, Path())


def test_jobs_of_one_name_are_refused():
    Path("common.yaml").write_text("{}")
    variants = {"x y": VARIANTS["off"], "x_y": VARIANTS["flip"]}
    with pytest.raises(InputError, match="are both named 'tiny-SASRec-x_y-1'"):
        plan(["SASRec"], ["tiny"], "common.yaml", KEYS, variants, [1])


def test_the_result_of_another_model_of_that_name_is_refused():
    path = Path("out", "jobs", f"{NAME}.json")
    path.write_text(replace(JobResult.read(path), model="GRU4Rec").to_json())
    with pytest.raises(InputError, match="is the result of another configuration"):
        compared()
