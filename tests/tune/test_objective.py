"""The drop-in for RecBole's objective function, and a session of Ray that ends after an error."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("ray")

from recbole_fn.tune import objective_function
from tests.cli.test_dispatch import script
from tests.helpers.runs import ON, SMALL

KEYS = {**SMALL, **ON, "model": "SASRec", "dataset": "tiny"}

TUNER = """\
import json, sys
sys.argv = sys.argv[:1]
from recbole_fn.environment.ray_session import ray_session
with ray_session(cpus=2):
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler
    from recbole_fn.tune import objective_function
    keys = json.load(open("keys.json"))
    space = {**keys, "learning_rate": tune.grid_search([0.01, 1e-8])}
    asha = ASHAScheduler(time_attr="epoch", max_t=4, grace_period=1, reduction_factor=2)
    tuner = tune.Tuner(
        objective_function,
        param_space=space,
        tune_config=tune.TuneConfig(
            metric="best_score", mode="max", scheduler=asha, max_concurrent_trials=1
        ),
    )
    found = tuner.fit()
    last = [result.metrics for result in found]
    print(json.dumps([found.num_errors, [told["epoch"] for told in last], sorted(last[0])]))
    raise ZeroDivisionError
"""


@pytest.mark.slow
def test_outside_of_ray_it_returns_what_recboles_does():
    result = objective_function({**KEYS, "epochs": 1}, saved=False)
    assert set(result) == {
        *("model", "best_valid_score", "valid_score_bigger", "best_valid_result", "test_result")
    }
    assert result["best_valid_score"] == result["best_valid_result"]["ndcg@10"]


@pytest.mark.slow
def test_in_a_tuner_of_ones_own_asha_stops_it_and_ray_ends(own_folder, monkeypatch):
    """Also where an earlier Ray has left behind the address of a cluster that is gone."""
    scratch = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # a socket's path must be short
    (scratch / "ray").mkdir()
    (scratch / "ray" / "ray_current_cluster").write_text("127.0.0.1:1")
    (own_folder / "keys.json").write_text(json.dumps({**KEYS, "epochs": 4}))
    code = TUNER.replace('"keys.json"', repr(str(own_folder / "keys.json")))
    try:
        monkeypatch.setenv("RAY_TMPDIR", str(scratch))
        monkeypatch.setenv("HOME", str(own_folder))  # where Ray writes results by itself
        done = script(program=("-c", code), cwd=own_folder)
        assert "ZeroDivisionError" in done.stderr and done.returncode == 1, done.stderr
        errors, epochs, names = json.loads(done.stdout.strip().splitlines()[-1])
        assert errors == 0 and max(epochs) == 4 and min(epochs) < 4
        assert {"ndcg@10", "recall@10", "score", "best_score"} <= set(names)
        assert not [name for name in names if "test" in name]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
