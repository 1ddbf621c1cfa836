"""One sees what a job is doing while it runs, and nothing is left of that when it has ended."""

import io
import json
import os
import subprocess
import sys
import time

import pytest

from recbole_fn.comparison import progress as watching
from recbole_fn.comparison.compare import compare
from recbole_fn.comparison.progress import Watch
from recbole_fn.comparison.status import Status, running, status_file
from tests.cli.test_dispatch import tiny
from tests.comparison.test_compare import KEYS
from tests.helpers.runs import ROOT


def test_a_job_says_what_it_is_doing_until_it_ends(tmp_path):
    def said():
        return [line.rsplit(", ", 1)[0] for line in running(tmp_path, ["other", "job"])]

    assert said() == []
    status = Status(status_file(tmp_path, "job"))
    assert said() == ["job: reading data"]
    status.begin(20, "ndcg@10")
    status.trained(0)
    assert said() == ["job: epoch 1 of 20"]
    status.validated(0.12345)
    status.trained(1)
    assert said() == ["job: epoch 2 of 20, ndcg@10 0.1235"]
    assert running(tmp_path, ["job"])[0].endswith(", 0 s")
    status.end()
    assert said() == [] and list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_no_status(tmp_path):
    status_file(tmp_path, "job").write_text("{")
    assert running(tmp_path, ["job"]) == []


class Screen(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


def shown(monkeypatch, is_terminal, seconds):
    """What a comparison of three jobs shows, in a time in which nothing ends."""
    monkeypatch.setattr(watching, "_EVERY", 0.02)
    monkeypatch.setattr(watching, "_LINE_EVERY", 0.2)
    screen = Screen(is_terminal)
    monkeypatch.setattr("sys.stderr", screen)
    with Watch(3, 1, lambda: ["a: epoch 1 of 9", "b: reading data"]):
        time.sleep(seconds)
    return screen.getvalue()


def test_a_log_gets_a_plain_line_now_and_then(monkeypatch):
    lines = shown(monkeypatch, False, 0.7).splitlines()
    assert 1 <= len(lines) <= 4
    assert set(lines) == {"1 of 3 jobs; a: epoch 1 of 9; b: reading data"}


def test_a_terminal_shows_it_below_the_bar(monkeypatch):
    text = shown(monkeypatch, True, 0.3)
    assert "1/3" in text and "a: epoch 1 of 9; b: reading data" in text


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_real_jobs_say_so_in_the_shared_folder(workers, own_folder):
    given = tiny("compare", "--state=ERROR", "--epochs=8", "--stopping_step=9", "--out=out")
    more = ["--variants=off,flip", f"--workers={workers}"]
    command = [sys.executable, "-W", "ignore", str(ROOT / "run_recbole_fn.py"), *given, *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process, seen = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment), {}
    while process.poll() is None:
        for path in own_folder.glob("out/jobs/*.status.json"):
            try:
                seen.setdefault(path.name, []).append(json.loads(path.read_text()))
            except FileNotFoundError:  # it has just ended
                continue
        time.sleep(0.005)
    assert process.returncode == 0, process.stderr.read()
    assert len(seen) == 2
    for said in seen.values():
        epochs = [one["epoch"] for one in said]
        assert epochs == sorted(epochs) and epochs[0] == 0 and epochs[-1] == 8
        assert "epochs" not in said[0] and said[-1]["epochs"] == 8
        assert said[-1]["metric"] == "ndcg@10" and said[-1]["score"] > 0
    assert list(own_folder.glob("out/jobs/*.status.json")) == []


def test_a_status_that_a_killed_job_has_left_is_no_result(own_folder, monkeypatch):
    monkeypatch.setattr("recbole_fn.comparison.compare.run_all", lambda *_: [])
    (own_folder / "my.yaml").write_text("fn_loss: bce")
    (own_folder / "out" / "jobs").mkdir(parents=True)
    Status(status_file(own_folder / "out" / "jobs", "job"))
    assert compare("SASRec", "tiny", ["my.yaml"], KEYS, ["off"], out="out").rows == []
