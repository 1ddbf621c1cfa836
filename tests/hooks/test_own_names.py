"""Runs that begin in the same second write files of their own."""

import subprocess
import sys
from pathlib import Path

import pytest
import recbole.trainer.trainer
import recbole.utils.logger
import recbole.utils.utils

from recbole_fn.experiment.run import run_recbole_fn
from tests.helpers.runs import ON, ROOT, SMALL

TIME = "Nov-26-2026_04-03-29"
PROGRAM = """
import sys
import recbole.trainer.trainer, recbole.utils.logger, recbole.utils.utils
for module in (recbole.trainer.trainer, recbole.utils.logger, recbole.utils.utils):
    module.get_local_time = lambda: {time!r}
from recbole_fn.experiment.run import run_recbole_fn
run_recbole_fn("SASRec", "tiny", None, {{**{keys!r}, "seed": int(sys.argv.pop())}})
"""


def names(pattern):
    return sorted(path.name for path in Path().glob(pattern) if not path.name.startswith("."))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [ON, {"train_neg_sample_args": None}], ids=["on", "off"])
def test_two_runs_in_one_second(keys, monkeypatch):
    for module in (recbole.trainer.trainer, recbole.utils.logger, recbole.utils.utils):
        monkeypatch.setattr(module, "get_local_time", lambda: TIME)
    for _ in range(2):
        run_recbole_fn("SASRec", "tiny", None, {**SMALL, "epochs": 1, **keys})
    best = [name for name in names("saved/*.pth") if "-last" not in name]
    assert best == [f"SASRec-{TIME}-2.pth", f"SASRec-{TIME}.pth"]
    logs = names("log/SASRec/*.log")  # pytest's own log names the TensorBoard folder
    assert sorted(name[: -len("-123456.log")] for name in logs) == [
        f"SASRec-tiny-{TIME}",
        f"SASRec-tiny-{TIME}-2",
    ]


@pytest.mark.slow
def test_three_seeds_at_once():
    program = PROGRAM.format(time=TIME, keys={**SMALL, **ON, "epochs": 1})
    environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin"}
    command = [sys.executable, "-W", "ignore", "-c", program]
    started = [subprocess.Popen([*command, str(seed)], env=environment) for seed in (1, 2, 3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert len([name for name in names("saved/*.pth") if "-last" not in name]) == 3
    assert len(names("log/SASRec/*.log")) == len(names("log_tensorboard/*")) == 3
    assert not list(Path().rglob(".*.claim"))
