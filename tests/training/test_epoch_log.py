"""Each epoch's figures, read back from the JSON lines, TensorBoard's event file and W&B."""

import json
import sys
import types
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import recbole_fn
from recbole_fn.training.callbacks import Epoch
from recbole_fn.training.epoch_log import EpochLog
from tests.helpers.runs import SMALL, fit, pieces

FIGURES = {"hard", "flipped", "flipped_share", "base_loss", "consistency_loss"}


def lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.mark.slow
def test_a_line_for_each_epoch_has_losses_figures_and_validation(own_folder):
    run = pieces(fn_log="logs/run.jsonl", eval_step=2, epochs=5)
    validations = {}
    fit(run, callback_fn=lambda epoch, score: validations.update({epoch: score}))
    logged, progress = lines("logs/run.jsonl"), run.trainer.fn_state
    assert [line["epoch"] for line in logged] == [0, 1, 2, 3, 4]
    assert len(validations) == 2 and sum(f["flipped"] for f in progress.figures.values()) > 0
    for line in logged:
        epoch = line["epoch"]
        assert line["train_loss"] == run.trainer.train_loss_dict[epoch]
        assert {name: line[name] for name in FIGURES & set(line)} == progress.figures.get(epoch, {})
        assert line.get("valid_score") == validations.get(epoch)
    assert logged[3]["valid"] == progress.last_result
    assert logged[3]["valid"]["ndcg@10"] == logged[3]["valid_score"]


def test_runs_that_share_a_file_are_told_apart(own_folder):
    for number in range(2):
        log = EpochLog("shared.jsonl", f"run-{number}")
        log.on_epoch_end(None, Epoch(0, 1.5, 0.1))
        log.flush()
    assert [line["run"] for line in lines("shared.jsonl")] == ["run-0", "run-1"]


@pytest.mark.slow
def test_without_the_key_no_file_is_written(own_folder):
    fit(pieces(epochs=1))
    assert not list(own_folder.rglob("*.jsonl"))


@pytest.mark.slow
def test_tensorboard_has_the_figures_of_each_epoch_since_the_start():
    run = pieces(epochs=4, fn_start=1)
    fit(run)
    run.trainer.tensorboard.flush()
    events = EventAccumulator(run.trainer.tensorboard.log_dir).Reload()
    for name in FIGURES:
        logged = {event.step: event.value for event in events.Scalars(f"Extraction/{name}")}
        expected = {epoch: f[name] for epoch, f in run.trainer.fn_state.figures.items()}
        assert list(logged) == [1, 2, 3]
        assert logged == pytest.approx(expected, rel=1e-6)
    # RecBole's own curve goes on through the start, where a second loss joins the first.
    assert [event.step for event in events.Scalars("Loss/Train")] == [0, 1, 2, 3]
    assert not [name for name in events.Tags()["scalars"] if name.startswith("Loss/Train0")]


@pytest.mark.slow
def test_wandb_gets_the_figures_in_the_step_of_the_loss(monkeypatch):
    logged = []
    fake = types.SimpleNamespace(
        run=types.SimpleNamespace(summary={}),
        define_metric=lambda *args, **kwargs: None,
        log=lambda metrics, commit: logged.append((metrics, commit)),
    )
    monkeypatch.setitem(sys.modules, "wandb", fake)
    run = pieces(epochs=3, fn_start=1, log_wandb=True)
    fit(run)
    ours = [(metrics, commit) for metrics, commit in logged if "train/extraction/hard" in metrics]
    assert [metrics["train_step"] for metrics, _ in ours] == [1, 2]
    assert not any(commit for _, commit in ours)
    for metrics, _ in ours:
        figures = run.trainer.fn_state.figures[metrics["train_step"]]
        assert {name: metrics[f"train/extraction/{name}"] for name in FIGURES} == figures


def test_a_file_that_cannot_be_written_is_named_before_training(own_folder):
    (own_folder / "taken").write_text("")
    with pytest.raises(recbole_fn.InputError, match=r"^fn_log is 'taken/run.jsonl'.*file$"):
        pieces(fn_log="taken/run.jsonl")


@pytest.mark.slow
def test_a_path_that_is_no_text_is_refused():
    with pytest.raises(recbole_fn.InputError, match=r"^fn_log is 7; it must be the path of a file"):
        pieces(fn_log=7)


@pytest.mark.slow
def test_a_whole_run_writes_them(own_folder):
    keys = {**SMALL, "fn_enabled": True, "fn_start": 0, "fn_neg_num": 8, "fn_log": "run.jsonl"}
    recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict=keys, saved=False)
    assert [line["epoch"] for line in lines("run.jsonl")] == [0, 1, 2]
    assert all("hard" in line and "valid" in line for line in lines("run.jsonl"))
