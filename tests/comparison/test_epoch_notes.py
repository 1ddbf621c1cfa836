"""The notes of a job's epochs, from which a stopped one goes on."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from recbole_fn import checkpoint
from recbole_fn.comparison.epoch_notes import EpochNotes
from recbole_fn.comparison.status import Status
from recbole_fn.training.attach import attach
from recbole_fn.training.callbacks import Epoch
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import pieces


@pytest.mark.parametrize("text", [None, "{", "{}", json.dumps({"epochs": [{"when": 1}]})])
def test_damaged_notes_are_told_in_our_words(text, own_folder):
    notes = EpochNotes.__new__(EpochNotes)
    notes.path, notes.files = own_folder / "notes.json", {}
    if text is not None:
        notes.path.write_text(text)
    with pytest.raises(InputError) as error:
        notes.restore(1)
    must = "is missing or damaged; it must hold the epochs that `compare` has written"
    assert str(error.value) == f"{str(notes.path)!r} {must}"


def notes_in(folder: Path) -> EpochNotes:
    return EpochNotes(Status(folder / "status.json"), folder / "epochs.json", files={})


@pytest.mark.parametrize(("eval_step", "best"), [(0, 2), (1, None)])
def test_the_best_epoch_is_that_of_the_checkpoint(eval_step, best, own_folder):
    run, notes = pieces(epochs=3, eval_step=eval_step), notes_in(own_folder)
    run.trainer.saved_model_file = str(own_folder / "best.pth")
    attach(run.trainer, notes)
    run.trainer.fit(run.train_data, run.valid_data, verbose=False)
    if best is None:
        scores = [epoch.valid_score for epoch in notes.history()]
        best = max(epoch for epoch, score in enumerate(scores) if score == max(scores))
    assert notes.best == best == checkpoint.load(own_folder / "best.pth")["epoch"]


def test_of_equal_validations_the_last_is_the_best(own_folder):
    notes = notes_in(own_folder)
    assert notes.best == 0
    for number in range(4):
        notes.on_epoch_end(None, Epoch(number, 1.0, 1.0))
        trainer = SimpleNamespace(cur_step=number // 3)  # the last one is worse
        notes.on_validation_end(trainer, number, 0.25, {})
    assert notes.best == 2
