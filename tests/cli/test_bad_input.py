"""Two thousand drawn runs with mistakes: each trains, or ends with one line and exit code 2."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers.drawn_mistakes import Draw, known_keys
from tests.helpers.fuzz import leave_out_what_takes_long, outcome
from tests.helpers.runs import ROOT

DRAWS = 2000


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    leave_out_what_takes_long(monkeypatch)


@pytest.mark.slow
def test_every_drawn_run_trains_or_ends_with_one_line(own_folder):
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.helpers.fuzz",
        str(own_folder),
        str(DRAWS),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    runs, wrong = json.loads(done.stdout.strip().splitlines()[-1])
    counts = {(kind, code): times for kind, code, times in runs}
    print(counts)
    assert not wrong, wrong
    for kind in ("key", "file", "data", "argument"):
        assert counts[kind, 2] > 50
    assert sum(counts.values()) == DRAWS and counts["key", 0] > 50 and counts["data", 0] > 20


def test_draws_are_the_same_each_time():
    keys = known_keys()
    for seed in range(20):
        one, other = Draw(seed, keys), Draw(seed, keys)
        assert one.command_line() == other.command_line() and one.data == other.data


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--MAX_ITEM_LIST_LENGTH=0"], "MAX_ITEM_LIST_LENGTH is 0; it must be an integer from 1"),
        (["--epochs=None"], "epochs is None; it must be an integer, such as 300"),
        (["--learning_rate=abc"], "learning_rate is 'abc'; it must be a finite number"),
        (["--learning_rate=1e999"], "learning_rate is inf; it must be a finite number"),
        (["--metrics=X"], "metrics has 'X'; it must be a metric of RecBole"),
        (["--valid_metric=MRR@7"], "valid_metric is 'MRR@7'; it must be one of Recall@2, MRR@2"),
        (["--show_progress=no"], "show_progress is 'no'; it must be True or False"),
        (["--train_batch_size=-1"], "train_batch_size is -1; it must be an integer from 1"),
        (["--eval_args=[1]"], "eval_args is [1]; it must be a dict"),
        (["--topk=[2,99]", "--valid_metric=MRR@2"], "topk is [2, 99], but the data set has 7"),
        (["--nproc=two"], "--nproc is 'two'; it must be an integer"),
        (["--note=a=b"], "argument '--note=a=b' has a second '='"),
    ],
)
def test_a_mistake_is_named(arguments, words, own_folder, monkeypatch, capsys):
    draw = Draw(0, known_keys(), mistakes=0)
    draw.arguments |= {a[2:].split("=")[0]: a.split("=", 1)[1] for a in arguments}
    code, errors = outcome(draw, own_folder / "run", monkeypatch)
    assert code == 2 and errors.startswith("error: ") and words in errors
    assert errors.count("\n") == 1


@pytest.mark.slow
def test_a_draw_without_mistakes_trains(own_folder, monkeypatch):
    code, errors = outcome(Draw(0, known_keys(), mistakes=0), own_folder / "run", monkeypatch)
    assert code == 0, errors
