"""How a group of processes ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException
from tqdm import tqdm

from recbole_fn.distributed.launch import cause_of_end, launch
from recbole_fn.utils.errors import InputError, WorkerError


def end(rank, how):
    """Rank 1 ends badly; the others would go on for long."""
    if rank == 1:
        how()
    time.sleep(600)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def leave():
    sys.exit(3)


def fail():
    raise KeyError("something else")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (
            kill,
            WorkerError,
            r"^rank 1 of the 2 on this machine \(process \d+\) was killed by SIGKILL",
        ),
        (leave, WorkerError, "^rank 1 .* ended with exit code 3"),
        (fail, ProcessRaisedException, "KeyError: 'something else'"),
    ],
)
def test_one_bad_end_is_one_line_and_ends_all(how, error, words):
    with pytest.raises(error, match=words) as caught:
        launch(end, 2, how)
    assert "\n" not in str(caught.value) or error is ProcessRaisedException


def show_progress(rank):
    list(tqdm(range(3)))


@pytest.mark.slow
def test_a_group_that_shows_progress_ends_without_warnings(root):
    code = "from recbole_fn.distributed.launch import launch\n"
    code += f"from {__name__} import show_progress\nlaunch(show_progress, 1)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert "3/3" in ended.stderr and "leaked" not in ended.stderr


def variables(rank, *names):
    return [os.environ.get(name) for name in names]


@pytest.mark.slow
def test_ranks_have_the_variables_of_now(monkeypatch):
    monkeypatch.setenv("FN_GONE", "1")
    assert launch(variables, 1, "FN_GONE", "HOME") == ["1", os.environ["HOME"]]
    monkeypatch.delenv("FN_GONE")
    monkeypatch.delenv("HOME")  # it was there when the process that forks began
    monkeypatch.setenv("FN_NEW", "2")
    assert launch(variables, 1, "FN_GONE", "HOME", "FN_NEW") == [None, None, "2"]


def run_until_stopped(rank, folder):
    """Says that it runs, and when it is stopped, what to do then."""
    (folder / str(rank)).touch()
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"saved/{rank}.pth goes on from here") from None


def interrupt_when_running(folder):
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def heeding_ctrl_c():
    """Ctrl-C as in a terminal; in the background of a script it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_ctrl_c_waits_for_all_and_passes_on_what_the_first_says(own_folder, heeding_ctrl_c):
    thread = threading.Thread(target=interrupt_when_running, args=[own_folder])
    thread.start()
    with pytest.raises(KeyboardInterrupt, match=r"^saved/0.pth goes on from here$"):
        launch(run_until_stopped, 2, own_folder)
    thread.join()


def cause(codes, first, messages=()):
    """Why a group ended whose processes had these exit codes, the first one seen being `first`."""
    processes = [SimpleNamespace(exitcode=code, pid=100 + rank) for rank, code in enumerate(codes)]
    if codes[first] == 1:  # torch finds a traceback of such a process
        error = ProcessRaisedException("its traceback", first, 100 + first)
    else:
        error = ProcessExitedException("its code", first, 100 + first, codes[first])
    return cause_of_end(SimpleNamespace(processes=processes), error, list(messages))


def test_a_killed_rank_is_named_though_another_was_seen_before_or_took_it_for_a_mistake():
    for codes, first in (([1, -9], 0), ([-15, -9], 1), ([-15, -9, -15], 1), ([2, -11], 0)):
        raised = cause(codes, first, [("mistake", "the model is not usable: connection closed")])
        assert isinstance(raised, WorkerError) and "rank 1 of the" in str(raised)
    assert "rank 2 of the 3 on this machine (process 102) was killed by SIGTERM" in str(
        cause([-15, -15, -15], 2)
    )


def test_a_mistake_goes_before_what_it_did_to_the_others():
    for codes, first in (([2, -15], 0), ([1, 2], 0), ([2, 2], 1)):
        raised = cause(codes, first, [("mistake", "a line"), ("mistake", "another")])
        assert isinstance(raised, InputError) and str(raised) == "a line"
    assert str(cause([1, -15], 0)) == "its traceback"
