"""A comparison runs each job once, goes on where it stopped, and survives a job that fails."""

import csv
import json

import numpy as np
import pytest
from recbole.config import Config
from recbole.trainer import Trainer

import recbole_fn
from recbole_fn.arms import running
from recbole_fn.arms.arms import ARMS
from recbole_fn.arms.comparing import compare
from recbole_fn.arms.files import as_json
from recbole_fn.arms.notes import conditions
from recbole_fn.arms.ranks import load_ranks, of_rows
from recbole_fn.assembly import assemble, load_data
from recbole_fn.cli import main
from tests.arms.findings import found
from tests.report.checks import Page, assert_self_contained, assert_shows_csv
from tests.report.findings import extracted
from tests.runs import SMALL

KEYS = {**SMALL, "epochs": 2, "fn_start": 1, "fn_neg_num": 8}


@pytest.fixture
def jobs_run(monkeypatch):
    """Jobs write made-up findings; those of arm drop fail while `broken` is in the list."""
    names = []

    def run(job, folder, threads=None):
        names.append(job.name)
        if job.arm == "drop" and "broken" in names:
            return f"{job.name} failed"
        value = {"off": 0.1, "drop": 0.2, "flip": 0.3}.get(job.arm, 0.4) * (1 + 0.01 * job.seed)
        result = found(job.arm, job.seed, ndcg=value)
        result |= {"dataset": job.dataset, "model": job.model, "keys": job.keys, "ranks": None}
        result |= {"config": job.keys, "training_set": "t"}
        result["extracted"] = extracted() if job.arm == "flip" else None
        (folder / f"{job.name}.json").write_text(as_json(result))
        return None

    monkeypatch.setattr(running, "run_job", run)
    return names


def small(arms, **more):
    return compare("SASRec", "tiny", None, KEYS, arms, out="out", **more)


def test_finished_jobs_are_not_run_again(jobs_run):
    first = small(["off", "flip"], seeds=2)
    assert len(jobs_run) == 4 and not first.failures
    assert small(["off", "flip"], seeds=2) == first and len(jobs_run) == 4
    small(["off", "flip", "drop"], seeds=3)
    assert len(jobs_run) == len(set(jobs_run)) == 9


def test_a_failing_job_does_not_stop_the_others_and_is_tried_again(jobs_run, capsys):
    jobs_run.append("broken")
    result = small(["off", "drop", "flip"], seeds=2)
    assert len(jobs_run) == 1 + 6
    assert {row.arm for row in result.rows} == {"off", "flip"}
    assert len(result.failures) == 2
    assert all(line in capsys.readouterr().err for line in result.failures[:1])
    jobs_run.clear()
    assert not small(["off", "drop", "flip"], seeds=2).failures
    assert jobs_run == ["tiny-SASRec-drop-2020", "tiny-SASRec-drop-2021"]


def test_default_arms_are_those_that_the_model_can_have(jobs_run):
    keys = {name: value for name, value in KEYS.items() if name != "fn_neg_num"}
    result = compare("FPMC", "tiny", None, keys, out="out")
    assert {row.arm for row in result.rows} == {*ARMS} - {"recbole-ce"} and len(jobs_run) == 6
    assert "FPMC: arm recbole-ce is left out" in result.text
    assert "arm recbole-ce is left out" in (result.folder / "report.html").read_text()
    with pytest.raises(recbole_fn.InputError, match="'FPMC' has a loss of its own"):
        compare("FPMC", "tiny", None, keys, ["off", "recbole-ce"], out="out")


def test_models_data_sets_and_seeds_are_crossed(jobs_run):
    result = compare("SASRec GRU4Rec", ["tiny"], None, KEYS, ["off", "flip"], [3, 5])
    assert len(jobs_run) == 8
    assert [(row.model, row.arm) for row in result.rows] == [
        (model, arm) for model in ("SASRec", "GRU4Rec") for arm in ("off", "flip")
    ]


def test_the_default_folder_tells_configurations_apart(jobs_run):
    folders = [
        compare("SASRec", "tiny", None, {**KEYS, "epochs": epochs}, ["off"]).folder
        for epochs in (1, 2, 2)
    ]
    assert folders[0] != folders[1] == folders[2]
    assert folders[0].parent.name == "saved"


def test_results_of_another_configuration_are_not_mixed_in(jobs_run, own_folder):
    small(["off"])
    with pytest.raises(recbole_fn.InputError, match="another configuration"):
        compare("SASRec", "tiny", None, {**KEYS, "epochs": 9}, ["off"], out="out")
    (own_folder / "other.yaml").write_text("epochs: 9")
    with pytest.raises(recbole_fn.InputError, match="other property files"):
        compare("SASRec", "tiny", ["other.yaml"], KEYS, ["off"], out="out")
    assert len(jobs_run) == 1


def test_a_mistake_in_a_file_can_be_mended(jobs_run, own_folder):
    (own_folder / "my.yaml").write_text("fn_loss: bcee")
    with pytest.raises(recbole_fn.InputError, match="fn_loss is 'bcee'"):
        compare("SASRec", "tiny", ["my.yaml"], KEYS, ["off"], out="out")
    (own_folder / "my.yaml").write_text("fn_loss: bce")
    assert compare("SASRec", "tiny", ["my.yaml"], KEYS, ["off"], out="out").rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--compare", "--arms=off,flop"], "'flop'"),
        (["--compare", "--seeds=0"], "seeds is 0"),
        (["--compare", "--seeds=42"], "the one seed 42 is --seeds=42, (with a comma)"),
        (["--compare", "--compare_workers=0"], "compare_workers is 0"),
        (["--compare", "--model=SASRec SASRek"], "'SASRek'"),
        (["--compare", "--n_heads=3"], "n_heads"),
        (["--compare", "--model= "], "model is"),
        (["--arms=off"], "--arms is 'off'"),
    ],
)
def test_a_mistake_is_one_line_before_any_job(arguments, words, jobs_run, capsys):
    arguments = [f"--data_path={SMALL['data_path']}", "--dataset=tiny", *arguments]
    assert main(arguments) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and words.replace("n_heads", "model 'SASRec'") in lines[0], lines
    assert jobs_run == []


def test_data_that_changed_in_between_is_told():
    results = [found(arm, 1) | {"training_set": arm, "config": {}} for arm in ("off", "flip")]
    assert conditions(results) == ["NOT COMPARABLE: d has changed between jobs."]
    results[1]["training_set"] = "off"
    assert conditions(results) == []


def losses_of_recbole_alone():
    """RecBole's cross entropy without this package."""
    recbole_fn.unregister()
    plain = {name: value for name, value in KEYS.items() if not name.startswith("fn_")}
    run = Config("SASRec", "tiny", config_dict={**plain, "train_neg_sample_args": None})
    run = assemble(run, load_data(run))
    assert type(run.trainer) is Trainer and run.config["loss_type"] == "CE"
    run.trainer.fit(run.train_data, saved=False, verbose=False)
    return list(run.trainer.train_loss_dict.values())


def test_two_arms_and_two_seeds_from_the_command_line(own_folder, capsys):
    keys = {**KEYS, "metrics": "['Recall','NDCG']"}
    arguments = [f"--{name}={value}" for name, value in keys.items()]
    arguments += ["--model=SASRec", "--dataset=tiny", "--compare", "--compare_out=out"]
    arguments += ["--arms=flip,recbole-ce", "--seeds=2", "--fn_eval_candidates=20"]
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
        ranks = load_ranks(folder / job["ranks"])
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
    assert found[2]["extracted"] is None and "No arm has flipped an item." in page.text
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_job_equals_a_run_without_a_comparison_and_a_broken_one_says_why(own_folder):
    # In one call, because a job takes seconds to start.
    arms = {"flip": {"fn_enabled": True}, "broken": {"fn_enabled": True, "learning_rate": 1e30}}
    result = compare("SASRec", "tiny", None, KEYS, arms, out="out")
    (failure,) = result.failures
    assert "broken-2020 failed" in failure and "nan" in failure and "\n" not in failure
    assert (own_folder / "out" / "jobs" / "tiny-SASRec-broken-2020.log").stat().st_size > 0
    alone = recbole_fn.run_recbole_fn("SASRec", "tiny", config_dict={**KEYS, "fn_enabled": True})
    means = {row.metric: round(row.mean, 4) for row in result.rows}
    assert 0 < means.pop("valid ndcg@10, last 5") <= alone["best_valid_score"]
    assert means == alone["test_result"]
