"""Trials that report nothing to Ray: one with a mistake in its keys, one killed at its end."""

import pytest

pytest.importorskip("ray")

from recbole_fn.tune.records import read, write_epochs
from recbole_fn.tune.storage import Storage
from tests.cli.test_dispatch import script, tiny
from tests.helpers.searches import scores, status

SPACE = """\
n_heads: {grid: [2, 3, 4]}
tune_num_samples: 1
tune_concurrency: 1
"""
STATUSES = ["finished", "failed", "finished"]


@pytest.mark.slow
def test_a_mistake_in_the_keys_of_a_trial_ends_that_trial_alone(own_folder):
    (own_folder / "space.yaml").write_text(SPACE)
    place, more = own_folder / "out", ("--space=space.yaml", "--out=out", "--epochs=2")
    done = script(*tiny("tune", *more, "--state=ERROR"), cwd=own_folder)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert [status(place, number) for number in range(3)] == STATUSES
    assert "trial 1 failed: " in done.stderr and "n_heads" in done.stderr
    before = [scores(place, number) for number in range(3)]

    storage = Storage(str(place))  # as if it was killed after its last validation
    record = read(storage, 2)
    record.done = False
    write_epochs(storage, record)
    (place / record.name / "end.json").unlink()
    done = script("tune", "--resume=out", cwd=own_folder)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert [status(place, number) for number in range(3)] == STATUSES
    assert [scores(place, number) for number in range(3)] == before
