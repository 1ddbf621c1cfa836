"""A comparison of real processes, killed again and again, ends as if it never was."""

import json
import os
import random
import signal
import time

import psutil
import pytest

from recbole_fn.comparison.continuing import checkpoint_file, epochs_file
from tests.comparison.test_continuing import KEYS, assert_equal_jobs, result
from tests.helpers.forks import Forked

NAMES = ["tiny-SASRec-off-2020", "tiny-SASRec-flip-2020"]
LONG = {**KEYS, "epochs": 8, "train_batch_size": 64, "fn_save_every": 4}


def started(folder, **keys):
    """The command as users call it."""
    arguments = [f"--{key}={value}" for key, value in {**LONG, **keys}.items() if value is not None]
    arguments = [text.replace("'", '"').replace(" ", "") for text in arguments]
    command = ["compare", "--dataset=tiny", "--variants=off,flip", f"--out={folder}", *arguments]
    return Forked(command, folder.parent)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a comparison that was never stopped."""
    folder = tmp_path_factory.mktemp("never stopped") / "whole"
    assert started(folder).wait()[0] == 0 and trained(folder) == 16
    return folder


def trained(folder):
    """Epochs of all jobs that are on the disk."""
    paths = [epochs_file(checkpoint_file(folder / "jobs", name)) for name in NAMES]
    return sum(len(json.loads(path.read_text())["epochs"]) for path in paths if path.is_file())


def killed(folder, signum, at_job, draw):
    """Kills the comparison or its job once it has trained further; None if it ended before."""
    process, before = started(folder), trained(folder)
    while trained(folder) == before:
        if process.poll() is not None:
            return process.returncode
        time.sleep(0.01)
    time.sleep(draw.uniform(0, 0.3))
    jobs = psutil.Process(process.pid).children(recursive=True)  # and the process that forks them
    target = draw.choice(jobs).pid if at_job and jobs else process.pid
    os.kill(target, signum)
    process.wait()  # after a job that was killed the comparison goes on with the next one
    psutil.wait_procs(jobs, timeout=60)
    return None


@pytest.mark.slow
def test_a_comparison_that_is_killed_ends_as_if_it_never_was(whole, own_folder):
    draw, out = random.Random(3), own_folder / "out"
    for number in range(4):
        signum = signal.SIGINT if number == 1 else signal.SIGKILL
        assert killed(out, signum, number == 2, draw) in (None, 0)
    code, text = started(out).wait()
    assert code == 0, text
    for name in NAMES:
        assert_equal_jobs(out, whole, name)


@pytest.mark.slow
def test_an_extension_of_real_jobs_that_is_killed_is_one_long_training(whole, own_folder):
    out = own_folder / "out"
    assert started(out, epochs=4).wait()[0] == 0
    assert killed(out, signal.SIGKILL, False, random.Random(5)) is None
    assert result(out, NAMES[0])["config"]["epochs"] == 4
    code, text = started(out).wait()
    assert code == 0 and "anew" not in text, text
    for name in NAMES:
        assert_equal_jobs(out, whole, name)
