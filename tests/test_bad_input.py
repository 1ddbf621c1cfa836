"""Two thousand drawn runs with mistakes: each trains, or ends with one line and exit code 2."""

import contextlib
import io
import json
import logging
import shutil
from collections import Counter

import pytest

from recbole_fn import checkpoint, cli
from tests.drawn_mistakes import Draw, known_keys

DRAWS = 2000


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    """Leaves out what takes long and no mistake touches: a second of measuring the processor's
    load at the end of each run, and reading the versions of packages at its begin.
    """
    monkeypatch.setattr("psutil.cpu_percent", lambda interval=None: 0.0)
    monkeypatch.setattr(cli, "require_working_packages", lambda: None)


def outcome(draw, folder, monkeypatch):
    """Runs a draw in a folder of its own; the exit code and what it wrote to standard error."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    draw.write(folder)
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *draw.command_line()])
    monkeypatch.setattr(logging.root, "handlers", [])  # RecBole adds its own where there are none
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = cli.main(draw.command_line())
    return code, errors.getvalue()


def problems(draw, code, errors, folder, before):
    """What is wrong with an outcome, in words."""
    lines = errors.splitlines()
    if code not in (0, 2):
        yield f"exit code {code}"
    if code == 2 and not (lines and lines[-1].startswith("error: ")):
        yield "no line that says why"
    # Any other `state` may ask for a log on standard error.
    asked = draw.arguments["state"] != "ERROR" or any(b"state:" in text for text in before.values())
    if code == 2 and not asked:
        yield from lines[:-1]
    if "Traceback" in errors:
        yield "a traceback"
    yield from half_written(files(folder), before)


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def half_written(after, before):
    """Files that were changed, or that are neither logs nor whole checkpoints."""
    for path, content in after.items():
        if path in before:
            if content != before[path]:
                yield f"{path} was changed"
        elif path.suffix == ".pth":
            checkpoint.load(path)
        elif not is_log(path, content):
            yield f"{path} was left"


def is_log(path, content):
    """Whether a file is a log of RecBole's, a board's, or `fn_log` with whole lines."""
    if path.suffix == ".log" or path.name.startswith("events.out.tfevents."):
        return True
    try:
        return content.endswith(b"\n") and all(
            "epoch" in json.loads(x) for x in content.splitlines()
        )
    except ValueError:
        return False


def test_every_drawn_run_trains_or_ends_with_one_line(own_folder, monkeypatch):
    keys, counts, wrong = known_keys(), Counter(), []
    for seed in range(DRAWS):
        draw, folder = Draw(seed, keys), own_folder / str(seed)
        try:
            code, errors = outcome(draw, folder, monkeypatch)
            found = list(problems(draw, code, errors, folder, draw.written(folder)))
        except BaseException as error:  # SystemExit too
            code, errors, found = None, "", [repr(error)]
        counts[draw.kind, code] += 1
        if found:
            wrong.append((seed, draw.kind, code, found[:3], errors[-300:]))
        shutil.rmtree(folder)
    print(dict(counts))
    assert not wrong, wrong
    for kind in ("key", "file", "data", "argument"):
        assert counts[kind, 2] > 50
    assert sum(counts.values()) == DRAWS and counts["key", 0] > 50 and counts["data", 0] > 20


def test_draws_are_the_same_each_time():
    keys = known_keys()
    for seed in range(20):
        one, other = Draw(seed, keys), Draw(seed, keys)
        assert one.command_line() == other.command_line() and one.data == other.data


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--MAX_ITEM_LIST_LENGTH=0"], "MAX_ITEM_LIST_LENGTH is 0; allowed is an integer from 1"),
        (["--epochs=None"], "epochs is None; allowed is an integer, such as 300"),
        (["--learning_rate=abc"], "learning_rate is 'abc'; allowed is a finite number"),
        (["--learning_rate=1e999"], "learning_rate is inf; allowed is a finite number"),
        (["--metrics=X"], "There is no metric named 'X'"),
        (["--valid_metric=MRR@7"], "valid_metric is 'MRR@7'; allowed is one of Recall@2, MRR@2"),
        (["--show_progress=no"], "show_progress is 'no'; allowed is True or False"),
        (["--train_batch_size=-1"], "train_batch_size is -1; allowed is an integer from 1"),
        (["--eval_args=[1]"], "eval_args is [1]; allowed is a dict"),
        (["--topk=[2,99]", "--valid_metric=MRR@2"], "topk is [2, 99], but the data set has 7"),
        (["--nproc=two"], "argument --nproc: invalid int value: 'two'"),
        (["--note=a=b"], "argument '--note=a=b' has a second '='"),
    ],
)
def test_a_mistake_is_named(arguments, words, own_folder, monkeypatch, capsys):
    draw = Draw(0, known_keys(), mistakes=0)
    draw.arguments |= {a[2:].split("=")[0]: a.split("=", 1)[1] for a in arguments}
    code, errors = outcome(draw, own_folder / "run", monkeypatch)
    assert code == 2 and errors.startswith("error: ") and words in errors
    assert errors.count("\n") == 1


def test_a_draw_without_mistakes_trains(own_folder, monkeypatch):
    code, errors = outcome(Draw(0, known_keys(), mistakes=0), own_folder / "run", monkeypatch)
    assert code == 0, errors
