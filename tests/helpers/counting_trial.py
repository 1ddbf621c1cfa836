"""A trial in a real Ray, in a process of its own: `-m tests.helpers.counting_trial FOLDER`."""

import json
import sys
from pathlib import Path

from recbole_fn.environment import compat
from recbole_fn.environment.ray_session import ray_session


def count(config):
    """Counts to four; dies after the second report, the first time."""
    assert compat.in_trial()
    for number in range(1, 5):
        compat.report({"count": number})
        if number == 2 and not Path(config["died"]).exists():
            Path(config["died"]).touch()
            raise RuntimeError("once")


def main(folder):
    """Prints how often the trial failed for good, how far it counted, and if it ever died."""
    assert not compat.in_trial()
    died = str(Path(folder, "died"))
    with ray_session(cpus=1):
        from ray import tune

        where = compat.run_config(1, storage_path=str(Path(folder, "results")), verbose=0)
        results = tune.Tuner(count, param_space={"died": died}, run_config=where).fit()
        print(json.dumps([results.num_errors, results[0].metrics["count"], Path(died).exists()]))


if __name__ == "__main__":
    main(sys.argv[1])
