"""The table of epochs: one line each, in columns that fit, whether validated or not."""

import logging
import re
from types import SimpleNamespace

import pytest

from recbole_fn.training.callbacks import Epoch
from recbole_fn.training.epoch_table import EpochTable, duration

FIGURES = {"hard": 123_456, "flipped": 1_234, "flipped_share": 0.0123, "consistency_loss": 0.5}
FILE_PREFIX = len("Thu 26 Nov 2026 03:39:00 INFO  ")  # of RecBole's log file


class Lines(SimpleNamespace):
    def info(self, line):
        self.lines.append(line)


def trainer(**more):
    keys = {"epochs": 500, "eval_step": 1, "cur_step": 0, "valid_metric": "Precision@10"}
    keys["best_valid_result"] = None
    return SimpleNamespace(logger=Lines(lines=[]), **{**keys, **more})


def test_all_columns_are_aligned_and_fit_120_characters():
    run, table = trainer(), EpochTable(extracts=True)
    for number, figures in ((8, None), (9, FIGURES), (499, FIGURES)):
        table.on_epoch_end(run, Epoch(number, 1234.5678, 3600.0, figures))
        table.on_validation_end(run, number, 0.25, {})
    lines = run.logger.lines
    assert len({len(line) for line in lines}) == 1 and len(lines[0]) + FILE_PREFIX <= 120
    header, before, first, last = lines
    assert header.split()[3:7] == ["hard", "extracted", "rate", "consistency"]
    assert before.split()[2:6] == ["-"] * 4
    assert first.split()[:7] == ["9", "1234.5678", "123456", "1234", "1.23%", "0.5000", "0.2500*"]
    assert last.endswith(" 0.0 s")  # nothing is left after the last epoch


def test_an_epoch_without_validation_is_logged_when_it_ends():
    run, table = trainer(eval_step=2), EpochTable(extracts=False)
    table.on_epoch_end(run, Epoch(0, 2.0, 1.0))
    assert re.search(r"^ +0 +2\.0000  - ", run.logger.lines[-1])
    table.on_epoch_end(run, Epoch(1, 1.0, 1.0))
    assert len(run.logger.lines) == 2  # the header and the first epoch
    run.cur_step = 1
    table.on_validation_end(run, 1, 0.1, {})
    assert "0.1000 " in run.logger.lines[-1]  # no star: it is not the best
    table.on_training_end(run)
    assert len(run.logger.lines) == 3


def test_without_validation_data_no_epoch_is_lost():
    run, table = trainer(), EpochTable(extracts=False)
    for number in range(3):
        table.on_epoch_end(run, Epoch(number, 2.0, 1.0))
    table.on_training_end(run)
    assert [line.split()[0] for line in run.logger.lines] == ["epoch", "0", "1", "2"]


def test_the_time_left_is_that_of_the_epochs_so_far(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("recbole_fn.training.epoch_table.perf_counter", lambda: now[0])
    run, table = trainer(epochs=4), EpochTable(extracts=False)
    now[0] = 130.0  # twenty seconds of preparing, ten of the first epoch
    table.on_epoch_end(run, Epoch(0, 2.0, 10.0))
    now[0] = 140.0
    table.on_validation_end(run, 0, 0.1, {})
    assert run.logger.lines[-1].split()[-4:] == ["20.0", "s", "1m", "00s"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59.94, "59.9 s"), (59.96, "1m 00s"), (3599.7, "1h 00m"), (90000, "25h 00m")],
)
def test_times_have_two_units(seconds, text):
    assert duration(seconds) == text


def test_the_best_epoch_is_named(caplog):
    logger = logging.getLogger("best")
    run, table = trainer(), EpochTable(extracts=False)
    run.logger = logger
    with caplog.at_level(logging.INFO):
        for number, (score, cur_step) in enumerate([(0.1, 0), (0.3, 0), (0.2, 1)]):
            run.cur_step = cur_step
            table.on_epoch_end(run, Epoch(number, 2.0, 1.0))
            table.on_validation_end(run, number, score, {})
        table.on_training_end(run)
    assert caplog.messages[-1] == "Best validation: precision@10 0.3000 in epoch 1."


def test_a_resumed_run_without_a_better_epoch_names_the_best_before():
    run = trainer(best_valid_score=0.3, best_valid_result={"precision@10": 0.3}, cur_step=2)
    table = EpochTable(extracts=False)
    table.on_epoch_end(run, Epoch(4, 2.0, 1.0))
    table.on_validation_end(run, 4, 0.2, {})
    table.on_training_end(run)
    words = "Best validation: precision@10 0.3000 before the run was resumed."
    assert run.logger.lines[-1] == words
