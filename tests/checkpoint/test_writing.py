"""A checkpoint that cannot be written leaves the one before as it was, and no trace."""

import multiprocessing
import os
import re
import resource
import shutil
import socket
import subprocess
import sys

import pytest
import torch

import recbole_fn
from recbole_fn import checkpoint
from tests.helpers.runs import pieces

BIG = {"state_dict": {"a": torch.ones(1 << 20)}}


def in_child(function, *args):
    child = multiprocessing.get_context("fork").Process(target=function, args=args)
    child.start()
    child.join()
    return child.exitcode


def save_with_little_room(path, room):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    with pytest.raises(recbole_fn.InputError, match="best.pth' cannot be written") as caught:
        checkpoint.save(BIG, path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("room", [0, 100, 5_000, 100_000, 4_000_000])
def test_a_disk_that_is_full_at_any_place_leaves_the_old_file(room, own_folder):
    checkpoint.save({"state_dict": {"a": torch.ones(2)}}, "best.pth")
    assert in_child(save_with_little_room, "best.pth", room) == 0
    assert os.listdir() == ["best.pth"]
    assert checkpoint.load("best.pth")["state_dict"]["a"].tolist() == [1, 1]


@pytest.mark.parametrize("name", ["fsync", "replace", "open"])
def test_an_error_of_the_system_leaves_the_old_file(name, monkeypatch, own_folder):
    checkpoint.save({"state_dict": {"a": torch.ones(2)}}, "best.pth")

    def read_only(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        if name == "fsync":
            patch.setattr(os, "fsync", read_only)
        else:
            patch.setattr(f"pathlib.Path.{name}", read_only)
        with pytest.raises(recbole_fn.InputError, match="Read-only file system"):
            checkpoint.save(BIG, "best.pth")
    assert os.listdir() == ["best.pth"]
    assert checkpoint.load("best.pth")["state_dict"]["a"].tolist() == [1, 1]


@pytest.mark.parametrize("path", ["nowhere/best.pth", "file/best.pth", "folder.pth"])
def test_a_place_that_is_none_is_named(path, own_folder):
    (own_folder / "file").write_text("")
    (own_folder / "folder.pth").mkdir()
    with pytest.raises(recbole_fn.InputError, match=f"{path}.* cannot be written") as caught:
        checkpoint.save({"state_dict": {}}, path)
    assert "\n" not in str(caught.value)


def test_what_a_dead_process_left_is_removed_and_a_living_ones_is_not(own_folder):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()

    def left_by(process, host):
        name = f".best.pth.{host}.{process}.{'0' * 32}.tmp"
        (own_folder / name).write_text("half")
        return name

    here = re.sub(r"[^\w-]", "_", socket.gethostname())
    left_by(dead.pid, here)
    kept = {left_by(os.getppid(), here), left_by(dead.pid, "another-machine"), "best.pth"}
    checkpoint.save({"state_dict": {}}, "best.pth")
    assert set(os.listdir()) == kept


@pytest.mark.slow
def test_a_run_whose_folder_is_gone_says_so_before_it_trains(own_folder):
    run = pieces(checkpoint_dir="gone")
    shutil.rmtree(own_folder / "gone")
    with pytest.raises(recbole_fn.InputError, match="gone/.*-last.pth' cannot be written"):
        run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    assert not run.trainer.train_loss_dict
