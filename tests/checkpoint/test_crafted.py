"""No file runs anything when it is read, and one that is no checkpoint is told in one line."""

import builtins
import functools
import importlib
import io
import operator
import os
import pickle
import posix
import random
import runpy
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest
import torch

import recbole_fn
from recbole_fn import checkpoint
from tests.helpers.runs import fit, pieces

TOUCH = "open('executed', 'w').close()"


class Crafted:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


CALLS = {
    "os.system": (os.system, "touch executed"),
    "posix.system": (posix.system, "touch executed"),
    "os.popen": (os.popen, "touch executed"),
    "os.mkdir": (os.mkdir, "executed"),
    "subprocess.call": (subprocess.call, ["touch", "executed"]),
    "subprocess.Popen": (subprocess.Popen, ["touch", "executed"]),
    "eval": (builtins.eval, TOUCH),
    "exec": (builtins.exec, TOUCH),
    "open": (builtins.open, "executed", "w"),
    "getattr": (builtins.getattr, "a", "upper"),
    "__import__": (builtins.__import__, "antigravity"),
    "importlib": (importlib.import_module, "this"),
    "attrgetter": (operator.attrgetter, "system"),
    "methodcaller": (operator.methodcaller, "upper"),
    "partial": (functools.partial, os.system, "touch executed"),
    "pickle.loads": (pickle.loads, pickle.dumps(Crafted(os.mkdir, "executed"))),
    "runpy": (runpy.run_path, "evil.py"),
    "shutil": (shutil.copy, "evil.pth", "executed"),
    "types": (types.SimpleNamespace,),
    "torch.load": (torch.load, "evil.pth"),
    "io.open": (io.open, "executed", "w"),
    "sys.exit": (sys.exit, 0),
    "yaml": (__import__("yaml").unsafe_load, "!!python/object/apply:os.mkdir [executed]"),
}


def places(evil):
    """Checkpoints with something in each of their fields."""
    yield evil
    yield {"state_dict": evil}
    for key in ("config", "epoch", "cur_step", "best_valid_score", "optimizer", "other_parameter"):
        yield {"state_dict": {}, key: evil}
    for part in ("learner", "progress", "losses", "random", "position", "training_set"):
        yield {"state_dict": {}, "fn": {part: [{"deep": (evil,)}]}}
    yield {"state_dict": {}, "fn": {}, "list": [[[evil]]]}


def files(evil):
    """The bytes of crafted files: archives and bare pickles of several protocols."""
    for state in places(evil):
        for protocol in (2, 3, 4, 5):
            archive = io.BytesIO()
            torch.save(state, archive, pickle_protocol=protocol)
            yield archive.getvalue()
            yield pickle.dumps(state, protocol)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_a_crafted_file_runs_nothing_and_is_refused(name, own_folder):
    (own_folder / "evil.py").write_text(TOUCH)
    seen = 0
    for content in files(Crafted(*CALLS[name])):
        (own_folder / "evil.pth").write_bytes(content)
        with pytest.raises(recbole_fn.InputError, match="evil.pth") as caught:
            checkpoint.load("evil.pth")
        assert "\n" not in str(caught.value)
        assert not (own_folder / "executed").exists()
        seen += 1
    assert seen == 120


@pytest.mark.slow
def test_a_damaged_file_is_refused_or_read_whole(own_folder):
    run = pieces(epochs=1)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    whole = Path(run.trainer.saved_model_file).read_bytes()
    draw, refused = random.Random(0), []
    cuts = [whole[: len(whole) * part // 40] for part in range(40)]
    flips = []
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
        start, size = whole.index(archive.read(name)), archive.getinfo(name).file_size
    for _ in range(60):
        place = start + draw.randrange(size)
        flips.append(whole[:place] + bytes([draw.randrange(256)]) + whole[place + 1 :])
    for content in (*cuts, *flips):
        (own_folder / "damaged.pth").write_bytes(content)
        try:
            checkpoint.load("damaged.pth")
        except recbole_fn.InputError as error:
            refused.append(str(error))
    assert len(refused) >= len(cuts)
    assert not any("\n" in message for message in refused)


PARTS = ("training_set", "learner", "progress", "losses", "best_result", "schedules", "random")


@pytest.mark.slow
@pytest.mark.parametrize("part", [*PARTS, "position"])
@pytest.mark.parametrize("value", ["x", 7, [], {"x": 1}])
def test_a_part_of_another_kind_is_told_in_one_line(part, value, saved_file):
    state = checkpoint.load(saved_file)
    state["fn"][part] = value
    checkpoint.save(state, "other.pth")
    if value == {"x": 1} and part in ("losses", "best_result", "schedules"):
        return  # their keys are free
    run = pieces(epochs=2)
    with pytest.raises(recbole_fn.InputError) as caught:
        run.trainer.resume_checkpoint("other.pth")
        fit(run)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def saved_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved")
    run = pieces(epochs=1, checkpoint_dir=str(path))
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    return run.trainer.saved_model_file
