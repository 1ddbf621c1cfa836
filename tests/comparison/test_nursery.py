"""Jobs that one process forks: each has its own process, and none outlives who waits for it."""

import os
import signal
import sys
import threading
import time

import psutil
import pytest

from recbole_fn.comparison import nursery
from recbole_fn.comparison.nursery import Nursery
from tests.helpers.runs import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not nursery.CAN_FORK, reason="jobs are forked on Linux alone"),
]


@pytest.fixture(scope="module")
def environment():
    """Variables of the process that forks."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def kept(environment, monkeypatch, tmp_path):
    """Returns the nursery that this process keeps."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.helpers.serves_jobs"]
    monkeypatch.setattr(nursery, "COMMAND", command)
    yield lambda: Nursery.kept(environment, tmp_path / "log")
    nursery.end_kept()


def processes(folder, job):
    """The process of a job, and the one that has forked it."""
    return [int(number) for number in (folder / job).read_text().split()]


def in_thread(jobs, job, folder):
    """Lets a job run in the background, until it has noted its process."""
    codes = []
    thread = threading.Thread(target=lambda: codes.append(jobs.run(job, folder, folder / "log")))
    thread.start()
    while not (folder / job).is_file() or not (folder / job).read_text():
        time.sleep(0.01)
    return thread, codes


def test_jobs_end_with_their_codes_in_processes_of_one_parent(kept, tmp_path):
    codes = {job: kept().run(job, tmp_path, tmp_path / job[:1]) for job in ("fine", "mistake")}
    assert codes == {"fine": 0, "mistake": 2}
    assert kept().run("raises", tmp_path, tmp_path / "r") == 1
    text = (tmp_path / "r").read_text()
    assert text.startswith("a job runs") and text.strip().endswith("a job that raises")
    assert (tmp_path / "f").read_text() == "a job runs\n"
    jobs, parents = zip(*(processes(tmp_path, job) for job in (*codes, "raises")), strict=True)
    assert len(set(jobs)) == 3 and len(set(parents)) == 1 and not set(jobs) & set(parents)


def test_a_killed_job_leaves_its_parent_and_a_killed_parent_takes_its_job_along(kept, tmp_path):
    thread, codes = in_thread(kept(), "endless", tmp_path)
    job, parent = processes(tmp_path, "endless")
    os.kill(job, signal.SIGKILL)
    thread.join()
    assert codes == [-signal.SIGKILL] and kept().run("fine", tmp_path, tmp_path / "log") == 0
    assert processes(tmp_path, "fine")[1] == parent
    (tmp_path / "endless").unlink()
    thread, codes = in_thread(kept(), "endless", tmp_path)
    job = psutil.Process(processes(tmp_path, "endless")[0])
    os.kill(parent, signal.SIGKILL)
    thread.join()
    job.wait(timeout=60)
    assert codes == [-signal.SIGKILL]
    assert kept().run("fine", tmp_path, tmp_path / "log") == 0
    assert processes(tmp_path, "fine")[1] != parent


def test_a_job_is_interrupted_once_nobody_waits_for_it(kept, tmp_path):
    thread, codes = in_thread(kept(), "endless", tmp_path)
    nursery.end_kept()
    thread.join()
    assert codes and codes[0] != 0
    assert "KeyboardInterrupt" in (tmp_path / "log").read_text()
