"""Runs that save and read the same data at once: each gets what it would have made itself."""

import os
import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import recbole.data.dataset.dataset as recboles_dataset
import recbole.data.utils as recboles_utils

import recbole_fn
from recbole_fn.experiment.build import load_data, read_config
from tests.helpers.runs import NO_DROPOUT, ON, ROOT, SMALL

KEYS = {**SMALL, **ON, **NO_DROPOUT}
# What is saved, the key that saves it, and the module of RecBole that writes it.
KINDS = {
    "saved/tiny-SequentialDataset.pth": ("save_dataset", recboles_dataset),
    "saved/tiny-for-SASRec-dataloader.pth": ("save_dataloaders", recboles_utils),
}
kinds = pytest.mark.parametrize("path", [Path(path) for path in KINDS], ids=["dataset", "loaders"])


@pytest.fixture(autouse=True)
def registered():
    recbole_fn.register()


@pytest.fixture
def shorter(tmp_path):
    """Keys of a run with a shorter file of the same name, which RecBole's rule does not see."""
    shutil.copytree(ROOT / "dataset" / "tiny", tmp_path / "data" / "tiny")
    path = tmp_path / "data" / "tiny" / "tiny.inter"
    path.write_text("\n".join(path.read_text().splitlines()[:400]) + "\n")
    return {"data_path": str(tmp_path / "data")}


def load(saves=None, **keys):
    """The sizes of a run's data, whose data set or loaders it saves."""
    of_saving = {} if saves is None else {KINDS[saves.as_posix()][0]: True}
    config = read_config("SASRec", "tiny", None, {**KEYS, **of_saving, **keys})
    dataset, (train, _, _) = load_data(config)
    return dataset.inter_num, len(train.dataset)


def when_written(monkeypatch, path, interrupt, share):
    """Does something once, when RecBole has written a share of a file."""
    todo = [interrupt]

    def dump(value, file):
        text = pickle.dumps(value)
        size = int(share * len(text))
        file.write(text[:size])
        file.flush()
        if todo:
            todo.pop()()
        file.write(text[size:])

    module = KINDS[path.as_posix()][1]
    monkeypatch.setattr(module, "pickle", SimpleNamespace(dump=dump, load=pickle.load))


def when_recbole_looks(monkeypatch, path, interrupt):
    """Does something once, before RecBole looks whether there is a file."""
    todo = [interrupt]

    def exists(asked):
        if Path(asked) == path and todo:
            todo.pop()()
        return os.path.exists(asked)

    seen = SimpleNamespace(path=SimpleNamespace(exists=exists, join=os.path.join))
    monkeypatch.setattr(recboles_utils, "os", seen)


@kinds
def test_nobody_sees_half_a_file(path, shorter, monkeypatch):
    seen = []
    when_written(monkeypatch, path, lambda: seen.append(path.exists()), 0.5)
    load(path)
    whole = path.read_bytes()
    when_written(monkeypatch, path, lambda: seen.append(path.read_bytes() == whole), 0.5)
    load(path, **shorter)
    assert seen == [False, True] and path.read_bytes() != whole


@kinds
def test_a_run_that_is_stopped_while_it_saves_leaves_what_was_there(path, shorter, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    load(path)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    when_written(monkeypatch, path, stop, 0.5)
    with pytest.raises(KeyboardInterrupt):
        load(path, **shorter)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


@kinds
def test_of_two_that_save_at_once_no_file_has_the_note_of_the_other(path, shorter, monkeypatch):
    alone = load(), load(**shorter)
    when_written(monkeypatch, path, lambda: load(path, **shorter), 1)
    load(path)
    assert (load(), load(**shorter)) == alone


@kinds
@pytest.mark.parametrize("before", [True, False])
def test_what_another_saves_after_the_look_is_not_taken(path, before, shorter, monkeypatch):
    alone = load(path if before else None)
    when_recbole_looks(monkeypatch, path, lambda: load(path, **shorter))
    assert load() == alone


@kinds
def test_what_another_saves_while_it_is_read_is_not_taken(path, shorter, monkeypatch):
    def read(file):
        monkeypatch.setattr(recboles_utils, "pickle", pickle)
        load(path, **shorter)
        return pickle.load(file)

    alone = load(path)
    monkeypatch.setattr(recboles_utils, "pickle", SimpleNamespace(dump=pickle.dump, load=read))
    assert load() == alone
