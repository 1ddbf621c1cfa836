"""Callbacks see each step, epoch and validation, of our trainers and of plain RecBole's."""

import time
from typing import ClassVar

import pytest

import recbole_fn
from recbole_fn.checkpoint import last as last_checkpoint
from recbole_fn.training.attach import attach
from recbole_fn.training.callbacks import Callback
from tests.helpers.runs import fit, pieces


class Noting(Callback):
    """Notes what it sees."""

    made: ClassVar[list] = []

    def __init__(self):
        self.seen, self.epochs = [], []
        self.made.append(self)

    def on_step_end(self, trainer, step):
        self.seen.append(("step", step))

    def on_epoch_end(self, trainer, epoch):
        self.seen.append(("epoch", epoch.number))
        self.epochs.append(epoch)

    def on_validation_end(self, trainer, epoch, score, result):
        self.seen.append(("validation", epoch, score, result["ndcg@10"], trainer.cur_step))

    def on_training_end(self, trainer):
        self.seen.append(("end",))


@pytest.mark.slow
@pytest.mark.parametrize("enabled", [True, False])
def test_a_callback_sees_epochs_and_validations_in_order(enabled):
    run, noting = pieces(fn_enabled=enabled, train_neg_sample_args=None, eval_step=2), Noting()
    scores = {}
    attach(run.trainer, noting)
    fit(run, callback_fn=lambda epoch, score: scores.update({epoch: score}))
    seen = [entry for entry in noting.seen if entry[0] != "step"]
    assert [entry[:2] for entry in seen] == [
        ("epoch", 0),
        ("epoch", 1),
        ("validation", 1),
        ("epoch", 2),
        ("end",),
    ]
    assert seen[2][2:] == (scores[1], scores[1], 0)  # RecBole has counted it by then
    for epoch in noting.epochs:
        assert epoch.loss == run.trainer.train_loss_dict[epoch.number]
        assert epoch.seconds > 0
    figures = [epoch.extraction for epoch in noting.epochs]
    assert [bool(f) for f in figures] == [False, enabled, enabled]


@pytest.mark.slow
def test_a_callback_sees_each_step():
    run, noting = pieces(), Noting()
    attach(run.trainer, noting)
    fit(run)
    steps = 3 * len(run.trainer.fn_loader)
    assert [entry[1] for entry in noting.seen if entry[0] == "step"] == list(range(1, steps + 1))


def test_a_property_file_names_callbacks():
    Noting.made.clear()
    run = pieces(fn_callbacks=["tests.training.test_callbacks:Noting"], epochs=1)
    fit(run)
    assert ("epoch", 0) in Noting.made[-1].seen


def test_a_class_that_is_no_callback_is_refused():
    with pytest.raises(
        recbole_fn.InputError, match=r"fn_callbacks is .*must be a subclass of .*Ca"
    ):
        pieces(fn_callbacks=["tests.helpers.runs:Path"])


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{"eval_step": 2}, {"fn_save_every": 1}])
def test_the_seconds_of_an_epoch_are_training_alone(keys, monkeypatch):
    run, noting = pieces(epochs=3, **keys), Noting()
    attach(run.trainer, noting)
    saves, save = [], last_checkpoint.checkpoint.save_trainer

    def slow(*args, **kwargs):
        saves.append(1)
        time.sleep(0.5)
        save(*args, **kwargs)

    monkeypatch.setattr(last_checkpoint.checkpoint, "save_trainer", slow)
    begin = time.perf_counter()
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    whole = time.perf_counter() - begin
    assert len(saves) >= 4
    assert sum(epoch.seconds for epoch in noting.epochs) < whole - 0.5 * len(saves)
