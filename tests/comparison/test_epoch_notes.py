"""The notes of a job's epochs, from which a stopped one goes on."""

import json

import pytest

from recbole_fn.comparison.epoch_notes import EpochNotes
from recbole_fn.utils.errors import InputError


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
