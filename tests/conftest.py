"""What the tests share: a folder of their own, and small RecBole runs in it."""

import importlib
import logging
import os
from collections import Counter
from pathlib import Path

import pytest
import torch

import recbole_fn
from tests.helpers.runs import ROOT


def pytest_configure(config):
    """Of several workers none begins with what has the most tests, which are the quick ones."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Files that take long go first, so that no worker waits for another one at the end.

    These are the files with few tests, some of which start processes or Ray. Tests that need a GPU
    are skipped where there is none.
    """
    for item in items:
        if item.get_closest_marker("gpu") and not torch.cuda.is_available():
            item.add_marker(pytest.mark.skip(reason="needs a GPU"))
    tests = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, tests[item.path], item.path))


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """RecBole writes where it stands, reads the test runner's arguments, and sets the log level."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["pytest"])
    # RecBole watches the processor for a second at the end of each run.
    monkeypatch.setattr("psutil.cpu_percent", lambda interval=None: 0.0)
    logging.getLogger().setLevel(logging.WARNING)  # RecBole's `state` of another test is left
    yield tmp_path
    recbole_fn.unregister()


@pytest.fixture(scope="session", autouse=True)
def few_threads():
    """Small tensors are slower on many threads, in the processes that tests start too."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def no_anomaly_detection():
    """RecBole's SINE leaves it on, which makes naive loops over rows ten times slower."""
    importlib.import_module("recbole.model.sequential_recommender")
    torch.autograd.set_detect_anomaly(False)


@pytest.fixture
def root() -> Path:
    """The folder of the project."""
    return ROOT
