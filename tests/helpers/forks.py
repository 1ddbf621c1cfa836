"""Runs the real script many times from one process that has imported RecBole once.

`python -m tests.helpers.forks FOLDER KILLS SEED -- ARGUMENTS` trains in folders of their own: a
run that is never stopped; runs that are killed at random moments and resumed until they end, so
many that there are KILLS kills in all; and one run for each signal that asks to stop. What each
process returned goes to FOLDER/done.json.
"""

import json
import os
import random
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

import psutil

from tests.helpers.runs import ROOT


def run_script(arguments, folder):
    """In a child: what `python run_recbole_fn.py` does."""
    os.chdir(folder)
    log = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    program = str(ROOT / "run_recbole_fn.py")
    sys.argv = [program, *arguments]
    code = 1
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)


class Forked:
    """The script in a fork of this process, which has imported what it needs.

    Args:
        arguments: Those of the script.
        folder: Where it runs; it appends what it prints to `output.txt` there.
    """

    def __init__(self, arguments, folder):
        log = folder / "output.txt"
        self.log, self.begin = log, log.stat().st_size if log.is_file() else 0
        self.returncode, self.pid = None, os.fork()
        if self.pid == 0:
            # A test's process may ignore Ctrl-C.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            run_script(arguments, folder)

    def poll(self):
        """Its exit code, or None while it runs."""
        if self.returncode is None:
            self._ended(os.WNOHANG)
        return self.returncode

    def wait(self):
        """Its exit code, and what it has printed."""
        if self.returncode is None:
            self._ended(0)
        return self.returncode, self.log.read_bytes()[self.begin :].decode()

    def _ended(self, how):
        pid, status = os.waitpid(self.pid, how)
        if pid:
            self.returncode = os.waitstatus_to_exitcode(status)


def run(arguments, folder, signum=None, moment=0.0, since=lambda: True):
    """Runs the script, sends it a signal a moment after something holds if it still runs.

    Moments are seconds of the process's own CPU time, which other work does not stretch.

    Returns:
        Its exit code.
    """
    child = os.fork()
    if child == 0:
        run_script(arguments, folder)
    process, end = psutil.Process(child), None
    while signum is not None and (end is None or cpu_seconds(process) < end):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if end is None and since():
            end = cpu_seconds(process) + moment
        time.sleep(0.005)
    if signum is not None:
        os.kill(child, signum)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def cpu_seconds(process):
    """The CPU time that a process has had."""
    times = process.cpu_times()
    return times.user + times.system


def resumption(arguments, folder):
    """The arguments that go on where a run in a folder was stopped."""
    last = sorted((folder / "saved").glob("*-last.pth"))
    return [f"--resume={last[-1]}"] if last else arguments


def killed_chain(arguments, folder, draw, duration):
    """Kills a run at random moments of its processes and resumes it, until one ends by itself."""
    folder.mkdir()
    codes = [-signal.SIGKILL]
    while codes[-1] == -signal.SIGKILL:
        moment = draw.uniform(0.05, 0.75) * duration
        codes.append(run(resumption(arguments, folder), folder, signal.SIGKILL, moment))
    return codes[1:]


def stopped(arguments, folder, signum, moment):
    """Asks a run to stop a moment after it has begun to train, and resumes it."""
    folder.mkdir()
    return [
        run(arguments, folder, signum, moment, since=lambda: resumption([], folder)),
        run(resumption(arguments, folder), folder),
    ]


def whole(arguments, folder):
    """Runs without a stop; returns the code and the CPU seconds."""
    folder.mkdir()
    before = os.times()
    code, after = run(arguments, folder), os.times()
    spent = after.children_user + after.children_system
    return code, spent - before.children_user - before.children_system


def main(top, kills, seed, arguments):
    import recbole_fn.experiment.run  # noqa: F401  (imported once, for all children)

    whole(arguments, top / "warm")
    code, duration = whole(arguments, top / "whole")
    done, draw = {"whole": [code]}, random.Random(seed)
    while sum(codes.count(-signal.SIGKILL) for codes in done.values()) < kills:
        name = f"kill {len(done)}"
        done[name] = killed_chain(arguments, top / name, draw, duration)
    for signum in (signal.SIGINT, signal.SIGTERM):
        name = signal.Signals(signum).name
        done[name] = stopped(arguments, top / name, signum, 0.1 * duration)
    (top / "done.json").write_text(json.dumps(done))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[5:])
