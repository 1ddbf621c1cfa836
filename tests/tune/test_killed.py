"""A search whose trials fail, and that is killed itself, goes on as if it never was."""

import os
import signal
import time

import pytest

pytest.importorskip("ray")

from tests.cli.test_dispatch import script, tiny
from tests.helpers.searches import record, scores, started, status

FRAGILE = """\
fails: {grid: [never, killed, always, last]}
tune_num_samples: 1
tune_scheduler: none
tune_concurrency: 1
tune_max_failures: 1
"""


@pytest.mark.slow
def test_killed_and_gone_on_with(own_folder):
    """A trial that is killed, one that raises, and the search itself killed in the last one."""
    (own_folder / "space.yaml").write_text(FRAGILE)
    (own_folder / "mine.yaml").write_text("fails: never\n")
    place = own_folder / "out"
    model = ("--model=tests.helpers.fragile:SASRec", "--config_files=fn.yaml mine.yaml")
    more = (
        "--space=space.yaml",
        "--out=out",
        "--epochs=12",
        "--fn_start=1",
        "--state=ERROR",
    )
    process = started(*tiny("tune", *model, *more), folder=own_folder)
    while len(scores(place, 3)) < 4:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    assert [status(place, number) for number in range(4)] == [
        "finished",
        "finished",
        "failed",
        None,
    ]
    assert f"trial 1 failed and is tried again; see {place}/trials/0001/log.txt" in errors
    assert f"trial 2 failed (RuntimeError: as asked); see {place}/trials/0002/log.txt" in errors
    before = [record(place, number) for number in range(4)]

    done = script("tune", "--resume=out", cwd=own_folder)
    assert done.returncode == 1, done.stderr  # a trial has failed
    assert [status(place, number) for number in range(4)] == [
        "finished",
        "finished",
        "failed",
        "finished",
    ]
    assert [record(place, number) for number in range(3)] == before[:3]  # nothing is run again
    kept, all_of_it = before[3]["epochs"], record(place, 3)["epochs"]
    assert all_of_it[: len(kept) - 1] == kept[:-1] and len(all_of_it) == 12
    # Memory, counts and teacher went on: the numbers are those of a trial that nobody stopped.
    assert scores(place, 0) == scores(place, 1) == scores(place, 3)
    assert len(set(scores(place, 0))) > 6
    assert len(scores(place, 2)) == 3
