"""Sixty epochs and several runs in one process: no memory, files, threads or processes are left."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.runs import ROOT

pytestmark = pytest.mark.slow

# What an allocator keeps or gives back in 55 epochs: 0.5 MB were measured. A leak of 80 kB in each
# epoch, two batches of scores, is more than that.
SLACK = 4 << 20


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    program = [sys.executable, str(ROOT / "tests" / "helpers" / "long_run.py")]
    folder = tmp_path_factory.mktemp("long")
    done = subprocess.run(
        program, capture_output=True, text=True, env=environment, cwd=folder, check=True
    )
    logs = [path.read_text() for path in sorted(folder.glob("log/SASRec/*.log"))]
    return {**json.loads(done.stdout.splitlines()[-1]), "logs": logs}


def test_memory_is_flat_after_five_epochs(observed):
    memories = observed["memories"]
    assert len(memories) == 60
    assert max(memories[-5:]) - memories[4] < SLACK


def test_each_run_has_its_own_log(observed):
    assert len(observed["logs"]) == 4
    for log in observed["logs"]:
        assert log.count("Results:") == 1


def test_no_processes_threads_or_files_are_left(observed):
    first, *others = observed["states"]
    assert first["children"] == [] and first["wrapped"] == 1
    logs = [name for name in first["files"] if "/log" in name]
    assert [name for name in logs if "/log/SASRec/" in name] == logs
    assert len(logs) == 1  # the log goes on after a run, as in RecBole
    for state in others:
        assert state["children"] == [] and state["wrapped"] == 1
        assert state["threads"] == first["threads"]
        assert len(state["files"]) == len(first["files"])
