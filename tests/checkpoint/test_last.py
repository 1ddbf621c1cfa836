"""A run that stops within an epoch goes on to the same numbers, whatever its settings."""

import signal

import pytest
import torch

import recbole_fn
from recbole_fn import checkpoint
from recbole_fn.checkpoint.interrupt import Interrupted
from tests.checkpoint.test_kills import assert_same
from tests.helpers.runs import fit, pieces

STEPS = 9  # after so many steps in all, the run is asked to stop


def ended(run, valid=True):
    """Trains to the end; returns what a checkpoint would hold, and the test metrics."""
    data = run.valid_data if valid else None
    score = run.trainer.fit(run.train_data, data, verbose=False)
    state = checkpoint.load(checkpoint.last_file(run.trainer.saved_model_file))
    return state["fn"], state["optimizer"], score, run.trainer.evaluate(run.test_data)


def stopped_file(valid=True, **keys):
    """The last checkpoint of a run that was asked to stop."""
    run, steps = pieces(**keys), []

    def count(*_):
        steps.append(1)
        if len(steps) == STEPS:
            run.trainer.fn_checkpoint.stop.signum = signal.SIGINT

    run.trainer.optimizer.register_step_post_hook(count)
    with pytest.raises(Interrupted) as caught:
        run.trainer.fit(run.train_data, run.valid_data if valid else None, verbose=False)
    return caught.value.checkpoint


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"fn_batching": "prefix"},
        {"worker": 2},
        {"fn_loss": "softmax", "fn_neg_num": "all", "fn_memory_slots": 4},
        {"fn_strategy": "soft", "eval_step": 2},
        {"fn_strategy": "average"},
        {"fn_strategy": "off"},
        {"fn_start": "auto"},
        {"fn_count": 1, "fn_memory_slots": 3},
        {"model": "NARM"},
        {"model": "BERT4Rec", "fn_loss": "model", "epochs": 2},
        {"model": "BERT4Rec", "fn_loss": "model", "epochs": 2, "worker": 2},
    ],
    ids=str,
)
@pytest.mark.slow
def test_stopping_within_an_epoch_changes_no_number(keys):
    keys = {"train_batch_size": 128, **keys, "checkpoint_dir": "whole"}
    expected = ended(pieces(**keys))
    keys["checkpoint_dir"] = "rest"
    path = stopped_file(**keys)
    assert checkpoint.load(path)["fn"]["position"]["batches"] > 0
    rest = pieces(**keys)
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest), expected)


@pytest.mark.slow
def test_stopping_after_the_last_step_of_an_epoch_trains_it_no_further():
    run = pieces(checkpoint_dir="whole")
    expected = ended(run, valid=False)
    steps = len(run.trainer.fn_loader)
    path = stopped_at(run_of=steps)
    position = checkpoint.load(path)["fn"]["position"]
    assert position["batches"] == steps
    rest = pieces(checkpoint_dir="rest")
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest, valid=False), expected)


def stopped_at(run_of):
    """The last checkpoint of a run that stops after the last step of an epoch."""
    run = pieces(checkpoint_dir="rest", fn_save_every=run_of)

    def stop(*_):
        raise KeyboardInterrupt

    run.trainer._generate_train_loss_output = stop  # RecBole calls it when an epoch is trained
    with pytest.raises(KeyboardInterrupt):
        run.trainer.fit(run.train_data, None, verbose=False)
    return checkpoint.last_file(run.trainer.saved_model_file)


@pytest.mark.slow
def test_a_run_that_stopped_early_is_not_trained_further():
    keys = {"stopping_step": 0, "epochs": 30, "learning_rate": 0.1}
    run = pieces(**keys)
    fn, _, (score, valid), test = ended(run)
    assert len(fn["losses"]) < 30
    again = pieces(**keys)
    again.trainer.resume_checkpoint(checkpoint.last_file(run.trainer.saved_model_file))
    losses, _, validation, again_test = ended(again)
    assert losses["losses"] == fn["losses"] and validation == (score, valid) and again_test == test


@pytest.mark.slow
def test_a_finished_run_goes_on_when_it_may_have_more_epochs():
    expected = ended(pieces(epochs=4, checkpoint_dir="whole"))
    short = pieces(epochs=2, checkpoint_dir="rest")
    ended(short)
    rest = pieces(epochs=4, checkpoint_dir="rest")
    rest.trainer.resume_checkpoint(checkpoint.last_file(short.trainer.saved_model_file))
    assert_same(ended(rest), expected)


@pytest.mark.slow
def test_the_best_checkpoint_gives_the_same_numbers_too():
    run = pieces(checkpoint_dir="whole", epochs=4)
    best = []
    run.trainer.fit(
        run.train_data,
        run.valid_data,
        verbose=False,
        callback_fn=lambda epoch, _: epoch == 1 and best.append(_copy(run)),
    )
    state = checkpoint.load(checkpoint.last_file(run.trainer.saved_model_file))
    rest = pieces(epochs=4)
    rest.trainer.resume_checkpoint(best[0])
    assert_same(ended(rest)[0], state["fn"])


def _copy(run):
    state = checkpoint.load(run.trainer.saved_model_file)
    checkpoint.save(state, "copy.pth")
    return "copy.pth"


def test_saving_within_epochs_is_refused_where_it_would_not_be_exact():
    run = pieces(fn_save_every=2)
    run.trainer.enable_scaler = True
    with pytest.raises(recbole_fn.InputError, match="fn_save_every is 2.*enable_scaler"):
        fit(run)


@pytest.mark.slow
def test_weights_that_are_not_finite_are_not_saved():
    run = pieces()
    run.trainer.fit(run.train_data, None, verbose=False)
    before = checkpoint.last_file(run.trainer.saved_model_file).read_bytes()
    with torch.no_grad():
        next(run.model.parameters()).fill_(float("nan"))
    run.trainer.fn_checkpoint.save_end(9)
    assert checkpoint.last_file(run.trainer.saved_model_file).read_bytes() == before


def test_a_run_that_saves_nothing_has_no_last_checkpoint(own_folder):
    run = pieces()
    fit(run)
    assert not list(own_folder.rglob("*.pth"))


@pytest.mark.slow
def test_a_second_fit_of_a_trainer_begins_afresh():
    run = pieces(stopping_step=0, epochs=3, learning_rate=0.1)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    trained = []
    loss = run.trainer.fn_step.loss
    run.trainer.fn_step.loss = lambda batch: trained.append(1) or loss(batch)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    assert trained
