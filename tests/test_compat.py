"""Both sets of packages give the same: NumPy's names, and reports to a real Ray."""

import os
from pathlib import Path

import numpy as np
import pytest
import ray
from ray import tune

from recbole_fn import compat
from tests.runs import ROOT


def test_numpy_has_the_names_that_recboles_config_reads(monkeypatch):
    for name in ("float_", "complex_", "unicode_"):
        if compat._at_least("numpy", "2"):
            monkeypatch.delattr(np, name, raising=False)
    compat.restore_numpy_names()
    assert (np.float_, np.complex_, np.unicode_) == (np.float64, np.complex128, np.str_)


@pytest.mark.parametrize(("version", "newer"), [("2.6.3", False), ("2.60.0", True), ("3.0", True)])
def test_versions_are_compared_as_numbers(version, newer, monkeypatch):
    monkeypatch.setattr(compat.metadata, "version", lambda package: version)
    assert compat._at_least("ray", "2.60") is newer


def counting_trial(config):
    """Counts to four; dies after the second report, the first time."""
    assert compat.in_trial()
    for count in range(1, 5):
        compat.report({"count": count})
        if count == 2 and not Path(config["died"]).exists():
            Path(config["died"]).touch()
            raise RuntimeError("once")


@pytest.fixture
def local_ray(own_folder, monkeypatch):
    """A Ray of this test's own."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {"env_vars": {"PYTHONPATH": path}}
    ray.init(address="local", num_cpus=1, include_dashboard=False, runtime_env=environment)
    yield own_folder / "results"
    ray.shutdown()


def test_a_trial_that_dies_once_is_run_again_and_reports(local_ray, own_folder):
    assert not compat.in_trial()
    run_config = compat.run_config(1, storage_path=str(local_ray), verbose=0)
    space = {"died": str(own_folder / "died")}
    (result,) = tune.Tuner(counting_trial, param_space=space, run_config=run_config).fit()
    assert result.error is None and result.metrics["count"] == 4
    assert Path(space["died"]).exists()
