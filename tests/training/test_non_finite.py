"""A NaN or an infinity ends training with its place, and no checkpoint is written over."""

import math
import os
from functools import partial

import pytest
import torch
from recbole.trainer import Trainer
from torch.utils._python_dispatch import TorchDispatchMode

from recbole_fn import checkpoint
from recbole_fn.training.non_finite import NonFiniteError, non_finite
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import fit, pieces

KEYS = {"epochs": 4, "train_batch_size": 64, "fn_flip_after": 0, "learning_rate": 0.003}


def spoiled(value, epoch, step, term=0, **keys):
    """A run whose loss has a bad term in one step."""
    run = pieces(**{**KEYS, **keys})
    run.trainer.fn_prepare(run.train_data)
    learner, calls = run.trainer.fn_step, []
    loss, num_steps = learner.loss, len(run.trainer.fn_loader)

    def spoiling(interaction):
        calls.append(1)
        losses = loss(interaction)
        if len(calls) != epoch * num_steps + step + 1:
            return losses
        if isinstance(losses, tuple):
            return tuple(part * value if i == term else part for i, part in enumerate(losses))
        return losses * value

    learner.loss = spoiling
    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "epoch", "step", "term", "words"),
    [
        (math.nan, 0, 2, 0, "epoch 0, step 2 (both from 0): base loss is nan; "),
        (math.inf, 2, 0, 0, "epoch 2, step 0 (both from 0): base loss is inf and consistency loss"),
        (math.nan, 2, 1, 1, "and consistency loss is nan; learning_rate is 0.003. Try a smaller"),
    ],
)
def test_a_bad_loss_names_epoch_step_term_and_learning_rate(value, epoch, step, term, words):
    with pytest.raises(NonFiniteError) as caught:
        fit(spoiled(value, epoch, step, term))
    message = str(caught.value)
    assert words in message and "learning_rate is 0.003" in message and "clip_grad_norm" in message
    assert "\n" not in message and isinstance(caught.value, InputError)


@pytest.mark.slow
def test_a_bad_loss_leaves_the_checkpoint_as_it_was():
    run = spoiled(math.nan, 2, 1)
    saved = []

    def after(epoch, score):
        with open(run.trainer.saved_model_file, "rb") as file:
            saved.append(file.read())

    with pytest.raises(NonFiniteError):
        run.trainer.fit(run.train_data, run.valid_data, verbose=False, callback_fn=after)
    assert len(saved) == 2
    with open(run.trainer.saved_model_file, "rb") as file:
        assert file.read() == saved[-1]
    assert len(os.listdir("saved")) == 2  # the best one, and the last one before it went wrong
    last = checkpoint.load(checkpoint.last_file(run.trainer.saved_model_file))
    assert last["epoch"] == 1 and not non_finite(last["state_dict"].items())


def bad_gradients(run, epoch, step):
    """Makes the gradients NaN in one step, after its loss; returns the steps of an epoch."""
    num_steps, calls = len(run.trainer.fn_prepare(run.train_data)), []

    def spoil(optimizer, *_):
        calls.append(1)
        if len(calls) == epoch * num_steps + (step % num_steps) + 1:
            run.model.item_embedding.weight.grad.fill_(math.nan)

    run.trainer.optimizer.register_step_pre_hook(spoil)
    return num_steps


def test_a_bad_gradient_shows_in_the_next_steps_loss():
    run = pieces(**KEYS)
    bad_gradients(run, 1, 0)
    with pytest.raises(NonFiniteError, match=r"epoch 1, step 1 \(both.*base loss is nan"):
        fit(run)


def test_a_bad_gradient_of_an_epochs_last_step_is_found_before_validation_and_saving():
    run = pieces(**KEYS)
    num_steps = bad_gradients(run, 0, -1)
    with pytest.raises(NonFiniteError, match=f"epoch 0, step {num_steps - 1} .*'item_embedding.we"):
        run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    (last,) = os.listdir("saved")
    assert checkpoint.load(f"saved/{last}")["epoch"] == -1  # from before the first epoch


@pytest.mark.slow
def test_training_by_itself_diverges_to_an_error_of_one_line():
    run = pieces(**{**KEYS, "learner": "sgd", "learning_rate": 1e30, "fn_start": 0})
    with pytest.raises(NonFiniteError, match="learning_rate is 1e.30"):
        fit(run)


class Reads(TorchDispatchMode):
    """Counts the numbers that are read from tensors."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def reads_of_an_epoch(check=None):
    run = pieces(**KEYS)
    loader = run.trainer.fn_prepare(run.train_data)
    if check is not None:
        run.trainer._check_nan = check
    with Reads() as reads:
        run.trainer._train_epoch(loader, 0)
    return reads.count, len(loader)


@pytest.mark.slow
def test_no_more_numbers_are_read_from_the_device_than_by_recbole():
    unchecked, num_steps = reads_of_an_epoch(lambda loss: None)
    recboles, _ = reads_of_an_epoch(partial(Trainer._check_nan, None))
    ours, _ = reads_of_an_epoch()
    assert ours == recboles == unchecked + num_steps


def test_tensors_are_named():
    tensors = {
        "good": torch.ones(3),
        "nan": torch.tensor([1.0, math.nan]),
        "inf": torch.tensor(-math.inf),
        "empty": torch.empty(0),
    }
    assert non_finite(tensors.items()) == ["nan", "inf"]
    assert non_finite([]) == []
