"""Writes lists in one process and in two of Ray: `python -m tests.helpers.sharing FILE`.

A process of its own, as for users: what Ray leaves behind in a process ends with it.
"""

import sys
from functools import partial
from pathlib import Path

from ray.cluster_utils import Cluster

from recbole_fn.recommendation import lists, writing
from recbole_fn.recommendation.recommend import make_plan
from recbole_fn.recommendation.sharing import frames_in_ray


def small_parts(checkpoint):
    """A plan whose 80 users are three parts, in the process that makes it."""
    lists.CHUNK = writing.CHUNK = 30
    return make_plan(checkpoint, None, None, 5, "history", None, None, "test", None)


def main(checkpoint):
    """Writes `one.csv` and `shared.csv`."""
    plan = small_parts(checkpoint)
    writing.write_lists(plan, Path("one.csv"), {})
    cluster = Cluster(True, head_node_args={"num_cpus": 2})
    make = partial(frames_in_ray, partial(small_parts, checkpoint), nproc=2)
    writing.write_lists(plan, Path("shared.csv"), {}, partial(make, address=cluster.address))
    cluster.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
