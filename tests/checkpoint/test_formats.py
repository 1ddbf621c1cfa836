"""Checkpoints: the first edition's go on, a later one's are refused, and rows are hashed once."""

import shutil
from pathlib import Path

import pytest
import torch

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.checkpoint import capture as run_state
from recbole_fn.checkpoint import last as last_checkpoint
from tests.helpers.runs import ROOT, pieces

# SASRec on dataset/tiny, stopped within its third epoch; made by version 0.1.0.
FIRST = Path(__file__).parent / "first_edition-last.pth"


def kept(folder):
    """A copy of the file, with a best checkpoint beside it, where a run goes on writing."""
    shutil.copy(FIRST, checkpoint.best_file(folder / FIRST.name))
    return str(shutil.copy(FIRST, folder / FIRST.name))


@pytest.mark.slow
def test_a_checkpoint_of_the_first_edition_goes_on(own_folder):
    state = checkpoint.load(FIRST)["fn"]
    assert "format" not in state and "sampler" not in state["learner"]
    result = recbole_fn.run_recbole_fn(
        resume=kept(own_folder), config_dict={"data_path": str(ROOT / "dataset"), "epochs": 4}
    )
    assert 0 < result["best_valid_score"] < 1
    (ended,) = own_folder.rglob("first_edition-last.pth")
    now = checkpoint.load(ended)["fn"]
    assert now["format"] == run_state.FORMAT
    assert list(now["losses"]) == [0, 1, 2, 3]
    assert {epoch: now["losses"][epoch] for epoch in state["losses"]} == state["losses"]
    assert now["progress"]["started"] == state["progress"]["started"]
    assert len(now["learner"]["memory"]["items"]) > len(state["learner"]["memory"]["items"]) > 0


@pytest.mark.slow
def test_its_weights_are_read_as_they_were():
    state = checkpoint.load(FIRST)
    run = pieces(**{name: state["config"][name] for name in SIZES})
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    step.load_state_dict({"sampler": {}, **state["fn"]["learner"]})
    for name, weight in run.model.named_parameters():
        assert torch.equal(weight, state["fn"]["learner"]["student"][name])
    assert step.memory.num_pairs() == len(state["fn"]["learner"]["memory"]["items"])


SIZES = ("hidden_size", "inner_size", "n_layers", "n_heads", "MAX_ITEM_LIST_LENGTH", "fn_neg_num")


@pytest.mark.slow
def test_a_checkpoint_of_a_later_version_is_refused(own_folder):
    run = pieces()
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    path = checkpoint.last_file(run.trainer.saved_model_file)
    state = torch.load(path, weights_only=False)
    state["fn"]["format"] = run_state.FORMAT + 1
    torch.save(state, path)
    rest = pieces(epochs=5)
    rest.trainer.resume_checkpoint(path)
    with pytest.raises(recbole_fn.InputError, match=r"has format 3, of a later recbole_fn"):
        rest.trainer.fit(rest.train_data, rest.valid_data, verbose=False)


@pytest.mark.slow
def test_the_rows_are_hashed_once_in_a_run(monkeypatch):
    hashed, training_set = [], last_checkpoint.training_set
    monkeypatch.setattr(
        last_checkpoint, "training_set", lambda data: hashed.append(1) or training_set(data)
    )
    run = pieces(fn_save_every=1)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    assert len(hashed) == 1


@pytest.mark.slow
def test_a_file_that_spells_out_defaults_resumes_a_run_that_did_not(own_folder):
    run = pieces()
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    path = checkpoint.last_file(run.trainer.saved_model_file)
    rest = pieces(fn_sampler="uniform", fn_logq=0.0, fn_loss="bce", fn_sampler_args=None, epochs=4)
    rest.trainer.resume_checkpoint(path)
    rest.trainer.fit(rest.train_data, rest.valid_data, verbose=False)
    assert len(rest.trainer.train_loss_dict) == 4
    with pytest.raises(recbole_fn.InputError, match="fn_logq 0.0, this run has 1"):
        pieces(fn_loss="softmax", fn_logq=1).trainer.resume_checkpoint(path)
