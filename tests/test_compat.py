"""Both sets of packages give the same: NumPy's names, and reports to a real Ray."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import ray
from ray import tune
from ray.air import FailureConfig, RunConfig

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
    """Counts to four, from where its last checkpoint is; dies once, after the second report."""
    with compat.reported_checkpoint() as folder:
        begun = 0 if folder is None else int((folder / "count").read_text())
    for count in range(begun + 1, 5):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "count").write_text(str(count))
            compat.report({"count": count, "begun": begun}, folder if count < 4 else None)
        if count == 2 and not begun:
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


def test_a_trial_reports_and_goes_on_from_its_checkpoint(local_ray):
    run_config = RunConfig(
        storage_path=str(local_ray), failure_config=FailureConfig(max_failures=1), verbose=0
    )
    (result,) = tune.Tuner(counting_trial, run_config=run_config).fit()
    assert result.error is None
    assert (result.metrics["count"], result.metrics["begun"]) == (4, 2)
    with result.checkpoint.as_directory() as folder:
        assert Path(folder, "count").read_text() == "3"
    assert list(result.metrics_dataframe["count"]) == [1, 2, 3, 4]
