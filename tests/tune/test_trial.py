"""Trials that follow one another in a process are what they would be alone."""

from pathlib import Path

import pytest
import torch

pytest.importorskip("ray")

from recbole_fn.tune import records, trial
from recbole_fn.tune.data import packed
from recbole_fn.tune.definition import define
from recbole_fn.tune.dimension import dimensions
from recbole_fn.tune.records import Record
from recbole_fn.tune.storage import Storage
from recbole_fn.tune.trial import Place, run_trial
from tests.helpers.runs import SMALL

RATES = (0.01, 0.003, 0.01)


@pytest.mark.slow
def test_a_trial_is_the_same_whatever_ran_before_it_in_its_process(own_folder, monkeypatch):
    reported = []
    monkeypatch.setattr(trial, "report", reported.append)
    space, threads = (
        dimensions({"learning_rate": {"choice": [0.01, 0.003]}}),
        torch.get_num_threads(),
    )
    search, config = define("SASRec", "tiny", {**SMALL, "fn_enabled": True}, {}, space, {})
    storage, data = Storage(str(own_folder / "out")), packed(config)
    for number, rate in enumerate(RATES):
        keys = {"learning_rate": rate}
        records.write_keys(storage, Record(number, keys))
        run_trial({"number": number, "keys": keys}, search, Place(storage, (), 0), data)
        assert Path.cwd() == own_folder
    torch.set_num_threads(threads)
    results = [[epoch["result"] for epoch in one.epochs] for one in records.read_all(storage)]
    assert results[0] and results[0] == results[2] != results[1]
    assert len(reported) == sum(map(len, results))
