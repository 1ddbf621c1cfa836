"""Jobs at a time in a real Ray: on this machine, and in a cluster that is there already."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.runs import ROOT


def threads_of_jobs(folder, workers, place):
    """Runs three jobs, one of which fails; the threads that they were given."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.helpers.in_ray", str(folder), str(workers), place]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    answers, driver, still_runs = json.loads(done.stdout.strip().splitlines()[-1])
    assert sorted(answers, key=str) == [None, None, "c failed"] and not still_runs
    noted = {path.name: path.read_text().split() for path in folder.iterdir()}
    assert set(noted) == {"a", "b", "c"}
    assert str(driver) not in {process for process, _ in noted.values()}
    return {int(threads) for _, threads in noted.values()}


@pytest.mark.slow
def test_two_jobs_at_a_time_share_this_machine(tmp_path):
    assert threads_of_jobs(tmp_path, 2, "local") == {max(1, os.cpu_count() // 2)}


@pytest.mark.slow
def test_a_cluster_at_an_address_runs_jobs_of_one_cpu(tmp_path):
    assert threads_of_jobs(tmp_path, 1, "cluster") == {1}
