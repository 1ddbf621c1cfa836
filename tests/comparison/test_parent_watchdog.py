"""However a comparison is stopped, its job ends too, and the same command goes on."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.helpers.runs import ROOT, SMALL


def started(folder, on_interrupt=signal.SIG_DFL):
    """A comparison whose only job trains without end."""
    keys = {
        **SMALL,
        "epochs": 100_000,
        "stopping_step": 100_000,
        "state": "INFO",
        "fn_log_style": "recbole",
    }
    del keys["metrics"], keys["load_col"]
    arguments = [f"--{key}={value}" for key, value in keys.items()]
    command = [sys.executable, str(ROOT / "run_recbole_fn.py"), "compare", "--variants=flip"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [*command, "--dataset=tiny", f"--out={folder}", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, on_interrupt),
    )
    deadline = time.monotonic() + 120
    while not any("epoch 1 training" in log.read_text() for log in folder.glob("jobs/*.log")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_job_ends_with_its_comparison(signum, own_folder):
    process = started(own_folder / "out")
    job = psutil.Process(process.pid).children(recursive=True)[-1]
    os.kill(process.pid, signum)
    _, errors = process.communicate(timeout=60)
    job.wait(timeout=60)
    left = {path.name for path in (own_folder / "out" / "jobs").iterdir()}
    assert left == {"checkpoints", "tiny-SASRec-flip-2020.log"} or signum == signal.SIGINT
    if signum == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip().endswith("the same command goes on with the jobs that are left")


@pytest.mark.slow
def test_a_job_ends_with_a_comparison_in_the_background_of_a_script(own_folder):
    process = started(own_folder / "out", on_interrupt=signal.SIG_IGN)
    job = psutil.Process(process.pid).children(recursive=True)[-1]
    process.kill()
    process.communicate(timeout=60)
    _, alive = psutil.wait_procs([job], timeout=60)
    assert alive == []
