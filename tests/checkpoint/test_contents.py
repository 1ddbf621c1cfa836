"""Checkpoints are whole or absent, run nothing, and are read by RecBole too."""

import os
import random

import numpy as np
import pytest
import torch
from recbole.quick_start import load_data_and_model as recbole_load

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.checkpoint import random_state
from tests.helpers.runs import pieces


class Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)


@pytest.mark.parametrize(
    "state",
    [Evil(), {"state_dict": Evil()}, {"state_dict": {}, "fn": {"learner": [{"teacher": Evil()}]}}],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_crafted_file_runs_nothing_and_is_refused(state, protocol, own_folder):
    torch.save(state, "evil.pth", pickle_protocol=protocol)
    with pytest.raises(recbole_fn.InputError, match="evil.pth"):
        checkpoint.load("evil.pth")
    assert not (own_folder / "executed").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        b"\x80\x02}q\x00.",
        b"\x80\x02.",
        b"\x80\x02h\x01.",
        b"\x80\x02X\x01",
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused_in_one_line(content, own_folder):
    (own_folder / "other.pth").write_bytes(content)
    with pytest.raises(recbole_fn.InputError, match="other.pth") as caught:
        checkpoint.load("other.pth")
    assert "\n" not in str(caught.value)


def test_a_truncated_file_and_a_missing_one_are_refused(own_folder):
    checkpoint.save({"state_dict": {"weight": torch.ones(1000)}}, "whole.pth")
    whole = (own_folder / "whole.pth").read_bytes()
    (own_folder / "half.pth").write_bytes(whole[: len(whole) // 2])
    for name in ("half.pth", "none.pth"):
        with pytest.raises(recbole_fn.InputError, match=name):
            checkpoint.load(name)


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(own_folder, monkeypatch):
    checkpoint.save({"state_dict": {"a": torch.ones(2)}}, "best.pth")

    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(recbole_fn.InputError, match="best.pth.*no space"):
        checkpoint.save({"state_dict": {"a": torch.zeros(2)}}, "best.pth")
    assert [path.name for path in own_folder.iterdir()] == ["best.pth"]
    assert checkpoint.load("best.pth")["state_dict"]["a"].tolist() == [1, 1]


def test_a_missing_folder_is_named():
    with pytest.raises(recbole_fn.InputError, match="nowhere/best.pth"):
        checkpoint.save({"state_dict": {}}, "nowhere/best.pth")


def test_random_states_survive_a_checkpoint():
    source = torch.Generator().manual_seed(5)
    checkpoint.save({"state_dict": {}, "random": random_state.capture({"s": source})}, "r.pth")

    def draws():
        return random.random(), np.random.rand(), torch.rand(1), torch.rand(1, generator=source)

    expected = draws()
    random_state.restore(checkpoint.load("r.pth")["random"], {"s": source})
    assert draws() == expected


def trained(**keys):
    run = pieces(fn_start=0, **keys)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    return run, run.trainer.evaluate(run.test_data)


@pytest.mark.slow
def test_recboles_own_loader_reads_it_as_a_plain_model_once_registered():
    run, expected = trained()
    for load in (recbole_load, recbole_fn.load_data_and_model):
        config, model, _, _, _, test = load(run.trainer.saved_model_file)
        assert config["model"] == "SASRec"
        again = pieces()
        again.trainer.model = model
        assert again.trainer.evaluate(test, load_best_model=False) == expected


@pytest.mark.slow
def test_recboles_own_checkpoints_can_be_loaded_once_registered():
    run = pieces(fn_enabled=False, train_neg_sample_args=None)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    result = run.trainer.evaluate(run.test_data)  # plain torch.load
    _, model, _, _, _, test = recbole_load(run.trainer.saved_model_file)
    run.trainer.model = model
    assert run.trainer.evaluate(test, load_best_model=False) == result


@pytest.mark.slow
def test_the_state_dict_holds_the_weights_of_evaluation():
    run, _ = trained(epochs=1)
    state = torch.load(run.trainer.saved_model_file)
    teacher, student = (
        state["fn"]["learner"]["teacher"]["weights"],
        state["fn"]["learner"]["student"],
    )
    for name, value in state["state_dict"].items():
        assert torch.equal(value, teacher[name])
    assert not torch.equal(student["item_embedding.weight"], teacher["item_embedding.weight"])
