"""Variants run under equal conditions, and mistakes are found before any job."""

import sys

import pytest

from recbole_fn.cli import model_requirements as zoo
from recbole_fn.comparison.plan import plan, require_buildable, without_impossible
from recbole_fn.comparison.variants import VARIANTS
from recbole_fn.data.fingerprint import fingerprint
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import load_data
from recbole_fn.hooks.command_line import command_line, keys_of
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import SMALL


@pytest.fixture
def common(own_folder):
    path = own_folder / "common.yaml"
    path.write_text("fn_strategy: soft\nfn_neg_num: 8\ntrain_batch_size: 100\n")
    return str(path)


def jobs_of(common, model="SASRec", seeds=1, variants=VARIANTS, dataset="tiny", **keys):
    return plan([model], [dataset], common, {**SMALL, **keys}, variants, seeds)


def final(job):
    return {name: str(value) for name, value in job.config().final_config_dict.items()}


def assert_equal_conditions(jobs):
    baseline = final(jobs[0])
    for job in jobs:
        config, own = final(job), VARIANTS[job.variant]
        names = {name for name in {*config, *baseline} if config.get(name) != baseline.get(name)}
        assert names <= {*own, *VARIANTS[jobs[0].variant]}, job.variant
        for name, value in own.items():
            assert config[name] == str(value) or name == "train_neg_sample_args"


@pytest.mark.slow
def test_the_configurations_of_variants_differ_in_the_variants_keys_alone(common):
    jobs = jobs_of(common, fn_eval_candidates=7)
    assert [job.variant for job in jobs] == list(VARIANTS)
    assert_equal_conditions(jobs)


def test_so_they_do_where_recbole_alone_would_split_at_random(common, own_folder):
    zoo.write_data(own_folder)
    keys = {**zoo.SMALL, **zoo.MODELS["KSR"].keys, "data_path": str(own_folder)}
    jobs = jobs_of(common, "KSR", dataset=zoo.NAME, **keys)
    assert_equal_conditions(jobs)
    assert final(jobs[-1])["eval_args"].count("TO") == 1


@pytest.mark.slow
@pytest.mark.parametrize("split", [{"LS": "valid_and_test"}, {"RS": [0.6, 0.2, 0.2]}])
def test_all_variants_and_seeds_have_the_same_rows(split, common):
    args = {"split": split, "order": "TO", "mode": "full"}
    found = set()
    for job in jobs_of(common, seeds=2, eval_args=args):
        loaders = load_data(job.config())[1]
        found.add(tuple(fingerprint(dataset_of(loader)) for loader in loaders))
    assert len(found) == 1 and len(set(*found)) == 3


def test_a_random_split_is_refused(common):
    args = {"split": {"RS": [0.6, 0.2, 0.2]}, "order": "RO", "mode": "full"}
    with pytest.raises(InputError, match="eval_args.order is .RO.*it must be TO"):
        require_buildable(jobs_of(common, eval_args=args))


def test_seeds_start_at_the_configured_one(common):
    jobs = jobs_of(common, seeds=2, seed=40, variants={"off": VARIANTS["off"]})
    assert [job.seed for job in jobs] == [job.keys["seed"] for job in jobs] == [40, 41]
    assert [job.config()["seed"] for job in jobs] == [40, 41]


@pytest.mark.slow
def test_an_variants_keys_win_over_all_others(common):
    (job,) = jobs_of(common, variants={"drop": VARIANTS["drop"]}, fn_strategy="flip")
    assert job.config()["fn_strategy"] == "drop"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"model": "SASRek"}, "'SASRek'.*SASRec"),
        ({"fn_neg_num": 0}, "fn_neg_num is 0"),
        ({"n_heads": 3}, "model 'SASRec' in variant 'off'"),
        ({"data_path": "nowhere"}, "tiny.inter"),
        ({"topk": [7], "valid_metric": "NDCG@10"}, "valid_metric is 'NDCG@10'.*NDCG@7"),
        ({"model": "FPMC"}, "variants has .recbole-ce.*model .FPMC. has a loss of its own"),
    ],
)
def test_what_cannot_be_built_is_told(keys, words, common):
    with pytest.raises(InputError, match=words), command_line():
        require_buildable(jobs_of(common, **keys))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("topk", ([10], [5])),
        ("metrics", (["NDCG"], ["NDCG", "Recall"])),
        ("valid_metric", ("NDCG@10", "Recall@10")),
        ("fn_eval_exclude", (None, "history")),
        ("fn_eval_candidates", (None, 10)),
        ("fn_eval_also", (None, [10])),
        ("val_interval", (None, {"timestamp": "[3,inf)"})),
        ("item_inter_num_interval", ("[0,inf)", "[5,inf)")),
    ],
)
def test_variants_that_do_not_measure_the_same_are_refused(key, values, common):
    variants = {
        name: {"fn_enabled": True, key: value} for name, value in zip("ab", values, strict=False)
    }
    with pytest.raises(
        InputError, match=f"{key} is .* in variant 'b' and .* in variant 'a'; it must be"
    ):
        jobs_of(common, variants=variants)


@pytest.mark.parametrize(("key", "value"), [("seed", 5), ("dataset", "ml-100k")])
def test_a_variant_has_no_seed_or_data_of_its_own(key, value, common):
    with pytest.raises(
        InputError, match=f"variants has 'b', which sets {key} to .*; it must leave"
    ):
        jobs_of(common, variants={"a": {"fn_enabled": True}, "b": {key: value}})


@pytest.mark.slow
def test_another_spelling_of_the_same_metrics_is_right(common):
    spelled = [{"metrics": ["NDCG", "Recall"], "topk": [5, 10]}]
    spelled += [{"metrics": ["recall", "ndcg"], "topk": [10, 5], "valid_metric": "ndcg@10"}]
    variants = {
        name: {"fn_enabled": True, **keys} for name, keys in zip("ab", spelled, strict=False)
    }
    assert [job.variant for job in jobs_of(common, variants=variants)] == ["a", "b"]


@pytest.mark.slow
def test_an_variant_that_a_model_cannot_have_is_left_out_with_a_note(common):
    jobs = [*jobs_of(common, "FPMC", seeds=2), *jobs_of(common, seeds=2)]
    left, notes = without_impossible(jobs)
    assert [job for job in jobs if job not in left] == [
        job for job in jobs if (job.model, job.variant) == ("FPMC", "recbole-ce")
    ]
    assert notes == ["FPMC: variant recbole-ce is left out, as the model has a loss of its own."]


def test_the_command_line_is_read_as_recbole_does_and_hidden_from_it(monkeypatch, common):
    monkeypatch.setattr(sys, "argv", ["x", "--fn_strategy=off"])
    assert keys_of(["--epochs=2", "--metrics=['NDCG']"]) == {"epochs": 2, "metrics": ["NDCG"]}
    with command_line():
        assert (
            jobs_of(common, variants={"drop": VARIANTS["drop"]})[0].config()["fn_strategy"]
            == "drop"
        )
    assert sys.argv == ["x", "--fn_strategy=off"]
