"""Saved data sets and loaders are used only where all that they were made of is the same."""

import logging
import os
import shutil
from pathlib import Path

import pytest
import recbole.data
from recbole.data.utils import save_split_dataloaders

import recbole_fn
from recbole_fn.experiment.build import load_data, read_config
from recbole_fn.experiment.run import run_recbole_fn
from tests.helpers.runs import NO_DROPOUT, ON, ROOT, SMALL

KEYS = {**SMALL, **ON, **NO_DROPOUT, "epochs": 2, "state": "INFO", "stopping_step": 9}
SAVES = {"save_dataset": True, "save_dataloaders": True}
PLAIN = {**SMALL, "epochs": 1, "train_neg_sample_args": None, "state": "INFO"}


@pytest.fixture
def own_data(tmp_path):
    """A copy of the data set, which a test may change."""
    shutil.copytree(ROOT / "dataset" / "tiny", tmp_path / "data" / "tiny")
    return {"data_path": str(tmp_path / "data")}


def metrics_of(keys, **more):
    return run_recbole_fn("SASRec", "tiny", None, {**keys, **more})


@pytest.fixture
def log(caplog):
    """The log of the run that was begun last; RecBole's set-up of it is done once."""
    caplog.set_level(logging.INFO)
    return caplog


def numbers(result):
    return result["best_valid_score"], result["test_result"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"fn_eval_candidates": 10}, {}),
        ({}, {"fn_eval_candidates": 10}),
        ({}, {"fn_eval_exclude": "history"}),
        ({"fn_eval_also": ["uni10"]}, {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("keys", [KEYS, PLAIN], ids=["on", "off"])
def test_another_ranking_is_prepared_anew(before, now, keys, log):
    alone = metrics_of(keys, checkpoint_dir="alone", **now)
    metrics_of(keys, **SAVES, **before)
    log.clear()
    assert numbers(metrics_of(keys, **now)) == numbers(alone)
    assert "is not used, and the data is prepared anew: fn_eval" in log.text


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{}, {"fn_loss": "model"}, {"fn_batching": "prefix"}], ids=str)
def test_saving_and_using_loaders_change_no_number(keys, log):
    alone = numbers(metrics_of(KEYS, checkpoint_dir="alone", **keys))
    assert numbers(metrics_of(KEYS, **SAVES, **keys)) == alone
    log.clear()
    assert numbers(metrics_of(KEYS, **keys)) == alone
    assert log.text.count("keys, files and versions are those it was made with") == 2


@pytest.mark.slow
@pytest.mark.parametrize("keys", [{}, {"fn_loss": "model"}], ids=str)
def test_a_resumed_run_with_saved_loaders_equals_one_never_stopped(keys, log):
    alone = numbers(metrics_of(KEYS, checkpoint_dir="alone", **keys))
    metrics_of(KEYS, **SAVES, epochs=1, **keys)
    (last,) = Path("saved").glob("*-last.pth")
    resumed = run_recbole_fn(config_dict={"epochs": 2}, resume=str(last))
    assert numbers(resumed) == alone


@pytest.mark.slow
def test_a_changed_file_is_read_again(own_data, log):
    metrics_of(KEYS, **SAVES, **own_data)
    path = Path(own_data["data_path"], "tiny", "tiny.inter")
    times, lines = path.stat(), path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[2:], lines[1]]) + "\n")  # as long as before
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    log.clear()
    changed = metrics_of(KEYS, **own_data)
    assert log.text.count("prepared anew: file tiny.inter has changed") == 2
    assert numbers(changed) == numbers(metrics_of(KEYS, checkpoint_dir="alone", **own_data))


def test_other_data_of_the_same_name_is_read(own_data, log):
    metrics_of(KEYS, **SAVES)
    path = Path(own_data["data_path"], "tiny", "tiny.inter")
    path.write_text("\n".join(path.read_text().splitlines()[:400]) + "\n")
    config = read_config("SASRec", "tiny", None, {**KEYS, **own_data})
    dataset, _ = load_data(config)
    assert dataset.inter_num + dataset.user_num - 1 == 399  # a row less for each user


@pytest.mark.slow
def test_a_file_without_a_note_is_not_trusted(log):
    recbole_fn.register()
    metrics_of(KEYS, **SAVES)
    for note in Path("saved").glob("*.origin.json"):
        note.unlink()
    log.clear()
    metrics_of(KEYS)
    assert log.text.count("origin.json, which says what it was made of, is missing") == 2


@pytest.mark.slow
def test_a_file_that_was_written_again_is_not_trusted(log):
    metrics_of(KEYS, **SAVES)
    path = Path("saved/tiny-for-SASRec-dataloader.pth")
    path.write_bytes(path.read_bytes()[:-100])
    log.clear()
    metrics_of(KEYS)
    assert "it was written again without tiny-for-SASRec-dataloader.pth.origin.json" in log.text


def test_a_plain_run_follows_recboles_rule_with_a_warning(own_data, log):
    first = metrics_of(PLAIN, **SAVES, **own_data)
    path = Path(own_data["data_path"], "tiny", "tiny.inter")
    path.write_text("\n".join(path.read_text().splitlines()[:400]) + "\n")
    log.clear()
    metrics_of(PLAIN, **own_data)
    assert "may be used by RecBole's rule" in log.text
    assert "file tiny.inter has changed" in log.text
    assert first["test_result"]


@pytest.mark.slow
def test_a_data_set_saved_with_another_split_is_split_as_asked(log):
    split = {"LS": "test_only"}
    args = {"split": split, "order": "TO", "mode": "full"}
    metrics_of(KEYS, save_dataset=True)
    config = read_config("SASRec", "tiny", None, {**KEYS, "eval_args": args})
    _, (_, valid, _) = load_data(config)
    assert len(valid) == 0


def test_the_hooks_stand_behind_recboles_names():
    recbole_fn.register()
    assert recbole.data.utils.save_split_dataloaders is not save_split_dataloaders
