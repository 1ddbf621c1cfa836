"""Jobs at a time in a real Ray: on this machine, and in a cluster that is there already."""

import os

import pytest
import ray
from ray.cluster_utils import Cluster

from recbole_fn.arms.parallel import run_with_ray


@pytest.fixture
def cluster():
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    yield made.address
    made.shutdown()


def assert_all_ran(folder, workers, address):
    def run(job, where, threads):  # a closure travels whole; the tests need not be importable
        (where / job).write_text(f"{os.getpid()} {threads}")
        return f"{job} failed" if job == "c" else None

    answers = list(run_with_ray(run, ["a", "b", "c"], folder, workers, address))
    assert sorted(answers, key=str) == [None, None, "c failed"]
    noted = {path.name: path.read_text().split() for path in folder.iterdir()}
    assert set(noted) == {"a", "b", "c"}
    assert str(os.getpid()) not in {process for process, _ in noted.values()}
    assert not ray.is_initialized()
    return {int(threads) for _, threads in noted.values()}


def test_two_jobs_at_a_time_share_this_machine(tmp_path):
    assert assert_all_ran(tmp_path, 2, None) == {max(1, os.cpu_count() // 2)}


def test_a_cluster_at_an_address_runs_jobs_of_one_cpu(tmp_path, cluster):
    assert assert_all_ran(tmp_path, 1, cluster) == {1}
