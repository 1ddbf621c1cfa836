"""The real script in several processes: what it writes, how it ends, and how it goes on."""

import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest
import torch

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.distributed.group import Group
from recbole_fn.experiment.processes import run
from recbole_fn.utils.errors import InputError
from tests.cli.test_dispatch import refused, tiny
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import double_precision, in_group, numbers
from tests.helpers.runs import NO_DROPOUT, ROOT, SMALL, pieces


@pytest.mark.slow
def test_a_mistake_that_ranks_find_is_one_line():
    ranking = ("--eval_args.mode=full", "--valid_metric=NDCG@10")  # DIN's own mode is uni100
    line = refused("--nproc=2", "--model=DIN", "--epochs=1", *ranking)
    assert "--nproc is 2, but model 'DIN' normalises over the rows of a batch" in line


@pytest.mark.parametrize("mode", ["uni100", "pop5", "labeled"])
def test_a_mode_that_ranks_evaluate_differently_is_refused(mode):
    metric = "AUC" if mode == "labeled" else "NDCG"
    args = {"split": {"LS": "valid_and_test"}, "order": "TO", "group_by": "user", "mode": mode}
    keys = {**SMALL, "fn_enabled": True, "eval_args": args, "metrics": [metric]}
    keys["valid_metric"] = "AUC" if mode == "labeled" else "NDCG@10"
    told = f"eval_args.mode is {mode}, and 2 processes .* must be full"
    with pytest.raises(InputError, match=told):
        run("SASRec", "tiny", None, keys, nproc=2)


def start(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, str(ROOT / "run_recbole_fn.py"), *tiny(*arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def ranks(process):
    """The processes of the ranks, in their order."""
    (forks,) = psutil.Process(process.pid).children()[-1:]
    return sorted(forks.children(), key=lambda child: (child.create_time(), child.pid))


def wait_for(condition, process):
    while not condition():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)


@pytest.mark.slow
def test_a_killed_rank_ends_the_run_and_another_number_of_ranks_goes_on(own_folder):
    process = start("--nproc=2", "--epochs=100000", "--stopping_step=100000", "--state=ERROR")
    wait_for(lambda: len(list(own_folder.glob("saved/*.pth"))) == 2, process)
    members = ranks(process)
    members[1].kill()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = errors.strip().split("\n")
    assert f"error: rank 1 of the 2 on this machine (process {members[1].pid}) was killed" in line
    assert not any(member.is_running() for member in members)
    # The first rank alone has written: a log, a board of TensorBoard, two checkpoints.
    assert len(list(own_folder.glob("log/*/*"))) == len(list(own_folder.glob("log_*/*"))) == 1
    for path in own_folder.glob("saved/*.pth"):  # the last one, and the best one beside it
        assert_same_scores_when_loaded(path)
    assert_goes_on_in_three(next(own_folder.glob("saved/*-last.pth")))


def assert_goes_on_in_three(path):
    epochs = checkpoint.load(path)["epoch"] + 1
    keys = (f"--resume={path}", f"--epochs={epochs + 1}", "--nproc=3")
    subprocess.run([sys.executable, str(ROOT / "run_recbole_fn.py"), *keys], check=True)
    assert checkpoint.load(path)["epoch"] == epochs


def assert_same_scores_when_loaded(path):
    config, model, *_, test_data = recbole_fn.load_data_and_model(str(path))
    assert config["single_spec"] and "world_size" not in config
    assert torch.isfinite(model.full_sort_predict(next(iter(test_data))[0])).all()


def go_on(group, folder, epochs, resume=None, **keys):
    """Trains to an epoch, from a checkpoint or the start; a checkpoint is left in the folder."""
    with double_precision():
        keys = {"fn_start": 1, "fn_flip_after": 0, "checkpoint_dir": folder, **keys}
        run = pieces(epochs=epochs, **keys, **group)
        if resume is not None:
            run.trainer.resume_checkpoint(resume)
        run.trainer.fit(run.train_data, None, verbose=False)  # saves after each epoch
        Group.of_this_process().wait()
        return {**numbers(run), "path": run.trainer.saved_model_file}


def stop_and_go_on(group, folder):
    """With dropout, in a group of the same size: never stopped, and stopped after two epochs."""
    whole = go_on(group, "whole", 4)
    half = go_on(group, "half", 2)
    rest = go_on(group, "rest", 4, half["path"])
    return whole, rest, go_on(group, folder, 2, **NO_DROPOUT)


@pytest.mark.slow
def test_a_run_goes_on_with_any_number_of_processes(own_folder):
    whole, rest, half = in_group(2, stop_and_go_on, "two")
    assert all(rest[name] == whole[name] for name in whole if name != "path")
    shutil.copy(half["path"], "three.pth")
    never_stopped = go_on({}, "alone", 4, **NO_DROPOUT)
    alone = go_on({}, "alone", 4, half["path"], **NO_DROPOUT)
    three = in_group(3, go_on_without_dropout, "three", 4, "three.pth")
    for other in (alone, three):
        assert_equal(never_stopped, other)
    assert (three["ranks"], half["ranks"], alone["ranks"]) == (3, 2, 1)


def go_on_without_dropout(group, *arguments):
    return go_on(group, *arguments, **NO_DROPOUT)
