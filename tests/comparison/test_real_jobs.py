"""Comparisons whose jobs are real: what they write, and that it is what a plain run would find."""

import csv
import json

import numpy as np
import pytest
from recbole.config import Config
from recbole.trainer import Trainer

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.comparison.compare import compare
from recbole_fn.experiment.build import assemble, load_data
from recbole_fn.results.target_ranks import TargetRanks, of_rows
from tests.comparison.test_compare import KEYS
from tests.helpers.page_checks import Page, assert_self_contained, assert_shows_csv


def losses_of_recbole_alone():
    """RecBole's cross entropy without this package."""
    recbole_fn.unregister()
    plain = {name: value for name, value in KEYS.items() if not name.startswith("fn_")}
    run = Config("SASRec", "tiny", config_dict={**plain, "train_neg_sample_args": None})
    run = assemble(run, load_data(run))
    assert type(run.trainer) is Trainer and run.config["loss_type"] == "CE"
    run.trainer.fit(run.train_data, saved=False, verbose=False)
    return list(run.trainer.train_loss_dict.values())


@pytest.mark.slow
def test_two_variants_and_two_seeds_from_the_command_line(own_folder, capsys):
    keys = {**KEYS, "metrics": "['Recall','NDCG']"}
    arguments = ["compare", *(f"--{name}={value}" for name, value in keys.items())]
    arguments += ["--model=SASRec", "--dataset=tiny", "--out=out"]
    arguments += ["--variants=flip,recbole-ce", "--seeds=2", "--fn_eval_candidates=20"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "recbole-ce" in printed and "ranked among 20 items" in printed
    folder = own_folder / "out" / "jobs"
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    assert len(found) == 4 and len({job["training_set"] for job in found}) == 1
    for job in found:
        assert job["epochs"] == len(job["history"]) == 2
        scores = [epoch["valid_score"] for epoch in job["history"]]
        assert scores[job["best_epoch"]] == max(scores) == job["valid"]["ndcg@10"]
        assert 1 << 26 < job["peak_memory_bytes"] < 1 << 34
        assert job["seconds"] > sum(epoch["seconds"] for epoch in job["history"]) > 0
        ranks = TargetRanks.load(folder / job["ranks"]).ranks
        assert ranks.max() <= 21
        for metric in ("ndcg@10", "recall@10"):
            assert job["test"][metric] == pytest.approx(of_rows(metric, ranks).mean())
    extraction = [[epoch["extraction"] for epoch in job["history"]] for job in found]
    assert extraction[0][0] is None and extraction[0][1]["hard"] > 0
    assert extraction[2] == extraction[3] == [None, None]
    losses = [epoch["train_loss"] for epoch in found[2]["history"]]
    assert losses == pytest.approx(losses_of_recbole_alone(), rel=1e-5)
    rows = list(csv.DictReader((own_folder / "out" / "comparison.csv").open()))
    means = [np.mean([job["test"]["ndcg@10"] for job in found[i : i + 2]]) for i in (0, 2)]
    held = [float(row["mean"]) for row in rows if row["metric"] == "ndcg@10"]
    assert held == pytest.approx(means)
    page = Page((own_folder / "out" / "report.html").read_text())
    assert_self_contained(page)
    assert_shows_csv(page.tables[0], own_folder / "out" / "comparison.csv")
    # One epoch remembers, and the next one would count and flip.
    assert found[0]["extracted"]["visits"] == [extraction[0][1]["hard"]]
    assert found[2]["extracted"] is None and "No variant has extracted an item." in page.text
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.slow
def test_a_job_equals_a_run_without_a_comparison_and_a_broken_one_says_why(own_folder):
    # In one call, because a job takes seconds to start.
    variants = {"flip": {"fn_enabled": True}, "broken": {"fn_enabled": True, "learning_rate": 1e30}}
    result = compare("SASRec", "tiny", None, KEYS, variants, out="out")
    (failure,) = result.failures
    assert "broken-2020 failed" in failure and "nan" in failure and "\n" not in failure
    assert (own_folder / "out" / "jobs" / "tiny-SASRec-broken-2020.log").stat().st_size > 0
    alone = recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict={**KEYS, "fn_enabled": True})
    means = {row.metric: round(row.mean, 4) for row in result.rows}
    assert 0 < means.pop("valid ndcg@10, last 5") <= alone["best_valid_score"]
    assert means == alone["test_result"]
