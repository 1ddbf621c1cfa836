"""A comparison of real processes, killed again and again, ends as if it never was."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from recbole_fn.comparison.continuing import checkpoint_file, epochs_file
from tests.comparison.test_continuing import KEYS, assert_equal_jobs, result
from tests.helpers.runs import ROOT

NAMES = ["tiny-SASRec-off-2020", "tiny-SASRec-flip-2020"]
LONG = {**KEYS, "epochs": 8, "train_batch_size": 32, "fn_save_every": 5}


def started(folder, **keys):
    """The command as users call it."""
    arguments = [f"--{key}={value}" for key, value in {**LONG, **keys}.items() if value is not None]
    arguments = [text.replace("'", '"').replace(" ", "") for text in arguments]
    command = [sys.executable, "-W", "ignore", str(ROOT / "run_recbole_fn.py"), "compare"]
    command += ["--dataset=tiny", "--variants=off,flip", f"--out={folder}", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


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
    process.communicate()  # after a job that was killed the comparison goes on with the next one
    psutil.wait_procs(jobs, timeout=60)
    return None


@pytest.mark.slow
def test_a_comparison_that_is_killed_ends_as_if_it_never_was(own_folder):
    assert started(own_folder / "whole").communicate() and trained(own_folder / "whole") == 16
    draw, out = random.Random(3), own_folder / "out"
    for number in range(4):
        signum = signal.SIGINT if number == 1 else signal.SIGKILL
        assert killed(out, signum, number == 2, draw) in (None, 0)
    process = started(out)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    for name in NAMES:
        assert_equal_jobs(out, own_folder / "whole", name)


@pytest.mark.slow
def test_an_extension_of_real_jobs_that_is_killed_is_one_long_training(own_folder):
    for folder, epochs in (("whole", 8), ("out", 4)):
        process = started(own_folder / folder, epochs=epochs)
        process.communicate()
        assert process.returncode == 0
    assert killed(own_folder / "out", signal.SIGKILL, False, random.Random(5)) is None
    assert result(own_folder / "out", NAMES[0])["config"]["epochs"] == 4
    process = started(own_folder / "out")
    _, errors = process.communicate()
    assert process.returncode == 0 and "anew" not in errors
    for name in NAMES:
        assert_equal_jobs(own_folder / "out", own_folder / "whole", name)
