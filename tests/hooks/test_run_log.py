"""What a run logs: a short table, RecBole's lines where they are asked for, and plain RecBole's."""

import fcntl
import logging
import os
import pty
import re
import struct
import termios
from types import SimpleNamespace

import pytest
from recbole.trainer import trainer as recbole_trainer

from recbole_fn import run_recbole_fn
from recbole_fn.hooks.run_log import log_style
from tests.helpers.runs import ON, SMALL

TINY = {**SMALL, **ON, "dataset": "tiny", "state": "INFO"}
del TINY["embedding_size"]  # SASRec has none, so a line would say that it has no effect

TABLE = SimpleNamespace(final_config_dict={"fn_enabled": True})
TRAINED = re.compile(r"epoch \d+ training \[time: [\d.]+s, train loss: [\d.]+\]")
ROW = re.compile(r"^ +\d+ +\d+\.\d{4} ", re.MULTILINE)


def logged(caplog, **keys):
    root = logging.getLogger()
    with caplog.at_level(logging.INFO):
        run_recbole_fn("SASRec", config_file_list=["fn.yaml"], config_dict={**TINY, **keys})
    filters, bar = root.filters, recbole_trainer.tqdm
    assert not filters and isinstance(bar, type)  # all is as it was
    return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(caplog.messages))


@pytest.mark.slow
def test_a_run_says_five_lines_and_one_for_each_epoch(caplog, own_folder):
    text = logged(caplog, epochs=4, fn_start=1)
    names = ["Model", "Data", "Training", "Sampler", "Output"]
    assert [line.split()[0] for line in text.split("\n")[:5]] == names
    assert len(ROW.findall(text)) == 4 and "epoch 1: extraction starts" in text
    for absent in ("General Hyper Parameters", "training [", "valid result", "FLOPs", "Saving"):
        assert absent not in text
    assert len(text.split("\n")) < 35


@pytest.mark.slow
def test_the_configuration_is_beside_the_checkpoint(caplog, own_folder):
    text = logged(caplog, epochs=1)
    checkpoint = re.search(r"Checkpoint: (\S+)\.pth", text)[1]
    written = (own_folder / f"{checkpoint}-config.txt").read_text()
    assert "fn_flip_after = " in written and "General Hyper Parameters" in written
    assert "\x1b" not in written


@pytest.mark.slow
def test_with_debug_everything_is_logged(caplog, own_folder):
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG):
            keys = {**TINY, "epochs": 2, "state": "DEBUG"}
            run_recbole_fn("SASRec", config_file_list=["fn.yaml"], config_dict=keys)
    finally:
        root.setLevel(level)
    text = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(caplog.messages))
    assert "General Hyper Parameters" in text and len(TRAINED.findall(text)) == 2
    assert len(ROW.findall(text)) == 2


@pytest.mark.slow
def test_recboles_lines_are_there_where_they_are_asked_for(caplog, own_folder):
    text = logged(caplog, epochs=2, fn_log_style="recbole")
    assert len(TRAINED.findall(text)) == 2 and not ROW.findall(text)
    assert "General Hyper Parameters" in text and "valid result: \n" in text


@pytest.mark.slow
@pytest.mark.parametrize("style", ["table", "recbole"])
def test_a_plain_run_logs_as_recbole(style, caplog, own_folder):
    text = logged(
        caplog, epochs=2, fn_enabled=False, fn_log_style=style, train_neg_sample_args=None
    )
    assert len(TRAINED.findall(text)) == 2 and "General Hyper Parameters" in text
    assert not list((own_folder / "saved").glob("*-config.txt"))


@pytest.mark.slow
def test_the_style_changes_no_number(own_folder):
    results = [
        run_recbole_fn(
            "SASRec",
            config_file_list=["fn.yaml"],
            config_dict={**TINY, "epochs": 3, "fn_log_style": style},
        )
        for style in ("table", "recbole")
    ]
    assert results[0] == results[1]


def test_no_progress_bar_is_written_to_a_file(capfd, own_folder):
    keys = {**TINY, "epochs": 1, "show_progress": True}
    run_recbole_fn("SASRec", config_file_list=["fn.yaml"], config_dict=keys)
    assert "100%" not in capfd.readouterr().err


@pytest.mark.parametrize("columns", [80, 100])
def test_progress_bars_fit_the_terminal(columns):
    bars = bars_on(columns)
    assert "1/3" in bars and max(map(len, re.split(r"[\r\n]", bars))) < columns


def test_there_is_no_progress_bar_in_a_file(own_folder):
    with log_style(TABLE), open("log.txt", "w+") as file:
        list(recbole_trainer.tqdm(range(3), ncols=100, file=file))
        assert file.tell() == 0


def bars_on(columns):
    """What RecBole's progress bar writes on a terminal, as RecBole calls it."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with log_style(TABLE), open(writer, "w") as terminal:
        list(recbole_trainer.tqdm(range(3), ncols=100, file=terminal, mininterval=0, miniters=1))
    written = b"".join(iter(lambda: _read(reader), b"")).decode()
    os.close(reader)
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", written)


def _read(reader):
    """What a terminal has next; it comes in parts, and ends with an error once it is closed."""
    try:
        return os.read(reader, 10**5)
    except OSError:
        return b""
