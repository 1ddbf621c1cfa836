"""Both sets of packages give the same: NumPy's names, and reports to a real Ray."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from recbole_fn.environment import compat
from tests.helpers.runs import ROOT


def test_numpy_has_the_names_that_recboles_config_reads(monkeypatch):
    for name in ("float_", "complex_", "unicode_"):
        if compat.at_least("numpy", "2"):
            monkeypatch.delattr(np, name, raising=False)
    compat.restore_numpy_names()
    assert (np.float_, np.complex_, np.unicode_) == (np.float64, np.complex128, np.str_)


@pytest.mark.parametrize(("version", "newer"), [("2.6.3", False), ("2.60.0", True), ("3.0", True)])
def test_versions_are_compared_as_numbers(version, newer, monkeypatch):
    monkeypatch.setattr(compat.metadata, "version", lambda package: version)
    read_anew = compat.at_least.__wrapped__
    assert read_anew("ray", "2.60") is newer


@pytest.mark.slow
def test_a_trial_that_dies_once_is_run_again_and_reports(own_folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.helpers.counting_trial", str(own_folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    assert json.loads(done.stdout.strip().splitlines()[-1]) == [0, 4, True]
