"""What a search says at its end of trials that failed after they had validated."""

from typing import Any

import yaml

from recbole_fn.tune import records, results
from recbole_fn.tune.records import Record
from recbole_fn.tune.search import Search
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.storage import Storage
from tests.helpers.trials import trial
from tests.tune.test_space import defined


def concluded(trials: list[Record], folder, monkeypatch):
    """The result of a search with these trials, without a test."""
    monkeypatch.setattr(results, "_test", lambda *_: {"ndcg@10": 0.1})
    storage = Storage(str(folder / "out"))
    for one in trials:
        one.keys = {"learning_rate": 0.1 * (one.number + 1)}
        for write in (records.write_keys, records.write_epochs, records.write_end):
            write(storage, one)
    space = defined({"learning_rate": {"uniform": [0, 1]}}).space
    search = Search("SASRec", "tiny", {}, space, {}, TuneSettings())
    config: Any = {"valid_metric": "NDCG@10", "valid_metric_bigger": True}
    return results.conclude(search, config, storage, len(trials), folder)


def test_the_best_trial_is_one_that_did_not_fail(own_folder, monkeypatch):
    trials = [trial(0, [0.9], "failed"), trial(1, [0.2]), trial(2, [0.3], "stopped")]
    result = concluded(trials, own_folder, monkeypatch)
    assert [one.number for one in result.trials] == [2, 1, 0]
    assert result.best_valid_result["ndcg@10"] == 0.3 and "Trial 2:" in result.text
    best = yaml.safe_load((own_folder / "out" / "best.yaml").read_text())
    assert best["learning_rate"] == result.best_keys["learning_rate"] == 0.1 * 3


def test_where_all_trials_failed_none_is_the_best(own_folder, monkeypatch):
    result = concluded([trial(0, [0.9], "failed")], own_folder, monkeypatch)
    assert result.best_keys is result.best_valid_result is result.test_result is None
    page = (own_folder / "out" / "trials.html").read_text()
    assert "0.9000" in page and '"name":"best trial"' not in page
    assert not (own_folder / "out" / "best.yaml").exists()
