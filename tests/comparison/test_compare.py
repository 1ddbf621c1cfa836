"""A comparison runs each job once, goes on where it stopped, and survives a job that fails."""

from dataclasses import replace

import pytest

import recbole_fn
from recbole_fn.cli.dispatch import main
from recbole_fn.comparison import running
from recbole_fn.comparison.compare import compare
from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.report import write_report
from recbole_fn.report.notes import conditions
from tests.helpers.job_results import job_result
from tests.helpers.report_folder import extracted
from tests.helpers.runs import SMALL

KEYS = {**SMALL, "epochs": 2, "fn_start": 1, "fn_neg_num": 8}


@pytest.fixture
def jobs_run(monkeypatch):
    """Jobs write made-up results; those of variant drop fail while `broken` is in the list."""
    names = []

    def run(job, folder, threads=None):
        names.append(job.name)
        if job.variant == "drop" and "broken" in names:
            return f"{job.name} failed"
        value = {"off": 0.1, "drop": 0.2, "flip": 0.3}.get(job.variant, 0.4) * (1 + 0.01 * job.seed)
        result = replace(
            job_result(job.variant, job.seed, ndcg=value),
            dataset=job.dataset,
            model=job.model,
            keys=job.keys,
            config=job.keys,
            extracted=extracted() if job.variant == "flip" else None,
        )
        (folder / f"{job.name}.json").write_text(result.to_json())
        return None

    monkeypatch.setattr(running, "run_job", run)
    return names


def small(variants, **more):
    return compare("SASRec", "tiny", None, KEYS, variants, out="out", **more)


@pytest.mark.slow
def test_finished_jobs_are_not_run_again(jobs_run):
    first = small(["off", "flip"], seeds=2)
    assert len(jobs_run) == 4 and not first.failures
    assert small(["off", "flip"], seeds=2) == first and len(jobs_run) == 4
    small(["off", "flip", "drop"], seeds=3)
    assert len(jobs_run) == len(set(jobs_run)) == 9


@pytest.mark.slow
def test_a_failing_job_does_not_stop_the_others_and_is_tried_again(jobs_run, capsys):
    jobs_run.append("broken")
    result = small(["off", "drop", "flip"], seeds=2)
    assert len(jobs_run) == 1 + 6
    assert {row.variant for row in result.rows} == {"off", "flip"}
    assert len(result.failures) == 2
    assert all(line in capsys.readouterr().err for line in result.failures[:1])
    jobs_run.clear()
    assert not small(["off", "drop", "flip"], seeds=2).failures
    assert jobs_run == ["tiny-SASRec-drop-2020", "tiny-SASRec-drop-2021"]


@pytest.mark.slow
def test_a_comparison_that_was_stopped_has_a_report(jobs_run, monkeypatch, own_folder):
    run = running.run_job

    def stopped(job, folder, threads=None):
        if job.variant == "flip":
            raise KeyboardInterrupt
        return run(job, folder, threads)

    monkeypatch.setattr(running, "run_job", stopped)
    with pytest.raises(KeyboardInterrupt):
        small(["off", "drop", "flip"])
    page = write_report(own_folder / "out").read_text()
    assert "2 of 3 jobs have finished" in page and "No data: flip" not in page
    monkeypatch.setattr(running, "run_job", run)
    assert "jobs have finished" not in small(["off", "drop", "flip"]).text


@pytest.mark.slow
def test_default_variants_are_those_that_the_model_can_have(jobs_run):
    keys = {name: value for name, value in KEYS.items() if name != "fn_neg_num"}
    result = compare("FPMC", "tiny", None, keys, out="out")
    possible = {*VARIANTS} - {"recbole-ce"}
    assert {row.variant for row in result.rows} == possible and len(jobs_run) == len(possible)
    assert "FPMC: variant recbole-ce is left out" in result.text
    assert "variant recbole-ce is left out" in (result.folder / "report.html").read_text()
    with pytest.raises(recbole_fn.InputError, match="'FPMC' has a loss of its own"):
        compare("FPMC", "tiny", None, keys, ["off", "recbole-ce"], out="out")


@pytest.mark.slow
def test_models_data_sets_and_seeds_are_crossed(jobs_run):
    result = compare("SASRec GRU4Rec", ["tiny"], None, KEYS, ["off", "flip"], [3, 5])
    assert len(jobs_run) == 8
    assert [(row.model, row.variant) for row in result.rows] == [
        (model, variant) for model in ("SASRec", "GRU4Rec") for variant in ("off", "flip")
    ]


@pytest.mark.slow
def test_the_default_folder_tells_configurations_apart(jobs_run):
    folders = [
        compare("SASRec", "tiny", None, {**KEYS, "epochs": epochs}, ["off"]).folder
        for epochs in (1, 2, 2)
    ]
    assert folders[0] != folders[1] == folders[2]
    assert folders[0].parent.name == "saved"


@pytest.mark.slow
def test_results_of_another_configuration_are_not_mixed_in(jobs_run, own_folder):
    small(["off"])
    with pytest.raises(recbole_fn.InputError, match="another configuration"):
        compare("SASRec", "tiny", None, {**KEYS, "fn_neg_num": 9}, ["off"], out="out")
    with pytest.raises(recbole_fn.InputError, match="another configuration"):
        compare("SASRec", "tiny", None, {**KEYS, "epochs": 1}, ["off"], out="out")
    (own_folder / "other.yaml").write_text("fn_neg_num: 9")
    with pytest.raises(recbole_fn.InputError, match="other property files"):
        compare("SASRec", "tiny", ["other.yaml"], KEYS, ["off"], out="out")
    assert len(jobs_run) == 1


@pytest.mark.slow
def test_a_mistake_in_a_file_can_be_mended(jobs_run, own_folder):
    (own_folder / "my.yaml").write_text("fn_loss: bcee")
    with pytest.raises(recbole_fn.InputError, match="fn_loss is 'bcee'"):
        compare("SASRec", "tiny", ["my.yaml"], KEYS, ["off"], out="out")
    (own_folder / "my.yaml").write_text("fn_loss: bce")
    assert compare("SASRec", "tiny", ["my.yaml"], KEYS, ["off"], out="out").rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "--variants=off,flop"], "'flop'"),
        (["compare", "--seeds=0"], "seeds is 0"),
        (["compare", "--seeds=42"], "the one seed 42 is written --seeds=42, with a comma"),
        (["compare", "--workers=0"], "workers is 0"),
        (["compare", "--model=SASRec SASRek"], "'SASRek'"),
        (["compare", "--n_heads=3"], "n_heads"),
        (["compare", "--model= "], "model is"),
        (["--variants=off"], "'--variants=off' is not an option of train"),
    ],
)
def test_a_mistake_is_one_line_before_any_job(arguments, words, jobs_run, capsys):
    arguments = [*arguments, f"--data_path={SMALL['data_path']}", "--dataset=tiny"]
    assert main(arguments) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and words.replace("n_heads", "model 'SASRec'") in lines[0], lines
    assert jobs_run == []


def test_data_that_changed_in_between_is_told():
    results = [replace(job_result(name, 1), training_set=name) for name in ("off", "flip")]
    assert conditions(results) == ["NOT COMPARABLE: d has changed between jobs."]
    results[1] = replace(results[1], training_set="off")
    assert conditions(results) == []


def test_shorter_lists_are_no_other_data():
    results = [
        replace(job_result(name, 1), training_set=name, config={"MAX_ITEM_LIST_LENGTH": length})
        for name, length in (("off", 50), ("flip", 20))
    ]
    assert conditions(results) == []
