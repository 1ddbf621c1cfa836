"""Runs three jobs in Ray: `python -m tests.helpers.in_ray FOLDER WORKERS (local|cluster)`.

A process of its own, as for users: what Ray leaves behind in a process ends with it.
"""

import json
import os
import sys
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from recbole_fn.comparison.parallel import run_with_ray


def run(job, where, threads):
    """A job that notes its process and its threads; `c` fails."""
    (where / job).write_text(f"{os.getpid()} {threads}")
    return f"{job} failed" if job == "c" else None


def main(folder, workers, place):
    """Prints what the jobs answered, this process, and whether Ray still runs in it."""
    cluster = Cluster(True, head_node_args={"num_cpus": 1}) if place == "cluster" else None
    address = cluster and cluster.address
    answers = list(run_with_ray(run, ["a", "b", "c"], Path(folder), int(workers), address))
    print(json.dumps([answers, os.getpid(), ray.is_initialized()]))
    if cluster:
        cluster.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
