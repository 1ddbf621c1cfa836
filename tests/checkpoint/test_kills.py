"""The real script, stopped at random moments and resumed, ends as if it had never been stopped."""

import json
import os
import re
import subprocess
import sys

import pytest
import torch

from recbole_fn import checkpoint
from tests.cli.test_dispatch import tiny
from tests.helpers.runs import ROOT

KILLS = 20
ARGUMENTS = tiny(
    "--epochs=4", "--train_batch_size=64", "--fn_save_every=2", "--state=INFO", "--gpu_id="
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The folder of all runs, and the exit codes of each one's processes."""
    folder = tmp_path_factory.mktemp("forks")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "tests.helpers.forks", str(folder), str(KILLS), "6", "--"]
    subprocess.run([*command, *ARGUMENTS], check=True, env=environment, cwd=ROOT)
    return folder, json.loads((folder / "done.json").read_text())


def output(folder):
    return re.sub("\x1b\\[[0-9;]*m", "", (folder / "output.txt").read_text())


def results(folder):
    """The final table: best validation and test."""
    rows = re.findall(r"^\w+@\d+ +[\d.]+ +[\d.]+$", output(folder), re.M)
    assert rows
    return rows


def assert_same(actual, expected, where=""):
    if isinstance(expected, torch.Tensor):
        assert actual.dtype == expected.dtype and torch.equal(actual, expected), where
    elif isinstance(expected, dict):
        assert actual.keys() == expected.keys(), where
        for key in expected:
            assert_same(actual[key], expected[key], f"{where}/{key}")
    elif isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected), where
        for place, (one, other) in enumerate(zip(actual, expected, strict=False)):
            assert_same(one, other, f"{where}/{place}")
    else:
        assert actual == expected, where


def assert_ends_alike(folder, whole):
    """A run killed between its table and its exit writes the table once more."""
    expected = results(whole)
    assert results(folder)[-len(expected) :] == expected


def state(folder, last):
    (path,) = (
        path
        for path in (folder / "saved").glob("*.pth")
        if (path == checkpoint.last_file(path)) == last
    )
    state = checkpoint.load(path)
    return {**state, "config": state["config"].final_config_dict}


@pytest.mark.slow
def test_a_run_that_is_killed_ends_as_if_it_never_was(runs):
    folder, codes = runs
    names = [name for name in codes if name.startswith("kill")]
    assert sum(codes[name].count(-9) for name in names) >= KILLS
    for name in names:
        assert codes[name][-1] == 0, output(folder / name)
        assert set(codes[name]) <= {-9, 0}
        for last in (False, True):
            assert_same(state(folder / name, last), state(folder / "whole", last), name)
        assert_ends_alike(folder / name, folder / "whole")


@pytest.mark.slow
def test_what_killed_runs_leave_is_removed(runs):
    folder, codes = runs
    for name in codes:
        files = list((folder / name / "saved").iterdir())
        assert len([file for file in files if file.suffix == ".pth"]) == 2
        others = [file.name for file in files if file.suffix != ".pth"]
        assert others and [other for other in others if not other.endswith("-config.txt")] == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_that_is_asked_to_stop_says_how_it_goes_on(runs, name, code):
    folder, codes = runs
    assert codes[name] == [code, 0], output(folder / name)
    text = output(folder / name)
    assert "Traceback" not in text
    assert re.search(r"python \S+run_recbole_fn.py --resume=saved/SASRec-\S+-last.pth", text)
    assert_same(state(folder / name, True), state(folder / "whole", True), name)
    assert results(folder / name) == results(folder / "whole")
