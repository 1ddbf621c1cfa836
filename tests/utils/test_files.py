"""A file is whole whoever writes it, and a folder has one user at a time."""

import signal
import subprocess
import sys
import threading

import pytest

from recbole_fn.comparison.compare import compare
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, replaced, write_whole
from tests.cli.test_dispatch import refused
from tests.comparison.test_compare import KEYS


def test_many_writers_of_one_file_leave_one_whole_text(tmp_path):
    path, failures = tmp_path / "notes.json", []

    def write(text):
        try:
            for _ in range(150):
                write_whole(path, text, lasting=False)
        except OSError as error:
            failures.append(error)

    texts = [letter * 5000 for letter in "abcd"]
    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == [] and path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_could_not_be_written_leaves_the_old_one_and_nothing_else(tmp_path):
    path = tmp_path / "notes.json"
    write_whole(path, "old")
    with pytest.raises(RuntimeError), replaced(path) as file:
        file.write(b"half of the n")
        raise RuntimeError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_is_free_again_after_its_user_also_after_a_mistake(tmp_path):
    with pytest.raises(InputError, match="mine"), alone(tmp_path, "x"):
        raise InputError("mine")
    with alone(tmp_path, "x"):
        pass


@pytest.fixture
def holder(own_folder):
    """A process that is in the folder `out` until it is killed."""
    code = (
        "import pathlib, time; from recbole_fn.utils.files import alone\n"
        "with alone(pathlib.Path('out'), 'x'):\n    print('in', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_the_same_comparison_twice_at_once_is_one_line(holder):
    line = refused("compare", "--variants=off", "--out=out")
    assert "out' is in use by a comparison that still runs" in line


@pytest.mark.slow
def test_a_killed_comparison_leaves_its_folder_free(holder, monkeypatch):
    monkeypatch.setattr("recbole_fn.comparison.compare.run_all", lambda *_: [])
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert compare("SASRec", "tiny", None, KEYS, ["off"], out="out").rows == []
