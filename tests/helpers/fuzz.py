"""Runs drawn mistakes one after the other: `python -m tests.helpers.fuzz FOLDER NUMBER`.

A process of its own, since two thousand runs leave loggers and streams behind.
"""

import contextlib
import io
import json
import logging
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from recbole_fn import checkpoint
from recbole_fn.cli import main as run_command_line
from recbole_fn.distributed.launch import launch as start_group
from recbole_fn.experiment import processes
from recbole_fn.utils.files import HOST
from tests.helpers.drawn_mistakes import Draw, known_keys

OF_A_GROUP = ("world_size", "nproc", "ip", "offset", "port")
GROUPS = 2
"""So many groups of processes are started; later ones are a run in this process."""


def leave_out_what_takes_long(monkeypatch):
    """A second of watching the processor at the end of each run, and the start of many groups of
    processes: no mistake touches them.
    """
    monkeypatch.setattr(processes, "launch", launch_of(GROUPS))
    monkeypatch.setattr("psutil.cpu_percent", lambda interval=None: 0.0)


def launch_of(groups):
    """A `launch` that starts so many groups, and later runs in this process alone."""
    left = iter(range(groups))

    def launch(function, nproc, model, dataset, files, keys, saved, origin):
        if next(left, None) is not None:
            return start_group(function, nproc, model, dataset, files, keys, saved, origin)
        own = {name: value for name, value in keys.items() if name not in OF_A_GROUP}
        return processes.run_recbole_fn(model, dataset, files, own, saved, None, *origin)

    return launch


def outcome(draw, folder, monkeypatch):
    """Runs a draw in a folder of its own; the exit code and what it wrote to standard error."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    draw.write(folder)
    monkeypatch.setattr("sys.argv", ["run_recbole_fn.py", *draw.command_line()])
    monkeypatch.setattr(logging.root, "handlers", [])  # RecBole adds its own where there are none
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = run_command_line(draw.command_line())
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
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    # A claim of a name lasts as long as its process, which is this one; others must not be left.
    own = f"{HOST} {os.getpid()}".encode()
    return {path: content for path, content in contents.items() if not is_claim(path, content, own)}


def is_claim(path, content, own):
    """Whether a file is a claim that this process holds."""
    return path.suffix == ".claim" and content == own


def half_written(after, before):
    """Files that were changed, or that are neither logs, configurations nor whole checkpoints."""
    for path, content in after.items():
        if path in before:
            if content != before[path]:
                yield f"{path} was changed"
        elif path.suffix == ".pth":
            checkpoint.load(path)
        elif not (is_log(path, content) or path.name.endswith("-config.txt")):
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


def run_draws(folder, number, monkeypatch):
    """Counts outcomes by kind and exit code, and lists what is wrong with some."""
    keys, counts, wrong = known_keys(), Counter(), []
    for seed in range(number):
        draw, own = Draw(seed, keys), folder / str(seed)
        try:
            code, errors = outcome(draw, own, monkeypatch)
            mistakes = list(problems(draw, code, errors, own, draw.written(own)))
        except BaseException as error:  # SystemExit too
            code, errors, mistakes = None, "", [repr(error)]
        counts[draw.kind, code] += 1
        if mistakes:
            wrong.append((seed, draw.kind, code, mistakes[:3], errors[-300:]))
        shutil.rmtree(own)
    return counts, wrong


def main(folder, number):
    """Prints the outcomes as JSON."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        leave_out_what_takes_long(monkeypatch)
        counts, wrong = run_draws(Path(folder), int(number), monkeypatch)
    print(json.dumps([[[*key, times] for key, times in counts.items()], wrong]))


if __name__ == "__main__":
    main(*sys.argv[1:])
