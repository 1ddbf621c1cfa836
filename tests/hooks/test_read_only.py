"""Where the working folder cannot be written, a run writes beside its checkpoints, or says why."""

import ctypes
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import recbole.utils

import recbole_fn
from recbole_fn.experiment.run import run_recbole_fn
from recbole_fn.utils.errors import InputError
from tests.cli.test_dispatch import tiny
from tests.helpers.runs import ON, ROOT, SMALL

KEYS = {**SMALL, "epochs": 1}


@pytest.mark.slow
@pytest.mark.parametrize("keys", [ON, {"train_neg_sample_args": None}], ids=["on", "off"])
def test_logs_go_where_the_checkpoints_go(keys, caplog, own_folder):
    for name in ("log", "log_tensorboard", "saved"):
        (own_folder / name).write_text("no folder")
    run_recbole_fn("SASRec", "tiny", None, {**KEYS, **keys, "checkpoint_dir": "out"})
    for pattern in ("*.pth", "log/SASRec/*.log", "log_tensorboard/*/events.*"):
        assert list((own_folder / "out").glob(pattern)), pattern
    warnings = [r.getMessage() for r in caplog.records if "cannot be written" in r.getMessage()]
    assert len(warnings) == 1 and "log and log_tensorboard are in 'out'" in warnings[0]


@pytest.mark.slow
def test_a_run_that_can_write_no_checkpoint_is_one_line(own_folder):
    (own_folder / "saved").write_text("no folder")
    with pytest.raises(InputError, match="checkpoint_dir is 'saved', which cannot be written"):
        run_recbole_fn("SASRec", "tiny", None, {**KEYS, **ON})


def test_a_dot_in_a_name_does_not_let_runs_share_a_tensorboard_folder():
    recbole_fn.register()
    for time in ("04-03-29", "04-03-30"):
        logger = logging.Logger("run")
        logger.addHandler(logging.FileHandler(f"SASRec-amazon-5.core-{time}-1a2b3c.log"))
        recbole.utils.get_tensorboard(logger).close()
    assert len(list(Path("log_tensorboard").iterdir())) == 2


def obey_permissions():
    """Lets root obey them, as other users do: drops CAP_DAC_OVERRIDE."""
    ctypes.CDLL(None).prctl(24, 1)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["train"], ["compare", "--variants=off"]])
def test_the_command_in_a_read_only_folder(arguments):
    with tempfile.TemporaryDirectory() as place:
        here, out = Path(place, "here"), Path(place, "out")
        here.mkdir(), out.mkdir()
        here.chmod(0o555)
        where = "--checkpoint_dir" if arguments == ["train"] else "--out"
        command = [sys.executable, str(ROOT / "run_recbole_fn.py")]
        command += [*tiny(*arguments, "--epochs=1"), f"{where}={out}"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=here, env=environment, preexec_fn=obey_permissions, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        assert list(out.rglob("*.pth")) and list(out.rglob("*.log")) and not list(here.iterdir())
