"""RecBole's keys may be what RecBole reads, and nothing of another kind."""

from pathlib import Path

import pytest
import yaml
from recbole.config import Config

import recbole_fn
from recbole_fn.cli.model_requirements import MODELS, SMALL
from recbole_fn.config.type_checks import require_metric


def config(model="SASRec", **keys):
    recbole_fn.register()
    return Config(model, "ml-100k", ["fn.yaml"], keys)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gpu_id", 0),
        ("gpu_id", (0, 1)),
        ("gpu_id", ""),
        ("show_progress", None),
        ("reproducibility", 1),
        ("learning_rate", 1),
        ("checkpoint_dir", Path("saved")),
        ("load_col", None),
        ("RATING_FIELD", None),
        ("user_inter_num_interval", None),
        ("user_inter_num_interval", "(1,5)"),
        ("train_neg_sample_args", None),
        ("train_neg_sample_args", "None"),
        ("metrics", "MRR"),
        ("topk", 10),
        ("clip_grad_norm", {"max_norm": 1}),
        ("transform", "mask_itemseq"),
        ("benchmark_filename", ["train", "valid", "test"]),
        ("seq_len", {"x": 3}),
        ("eval_step", 0),
        ("stopping_step", -1),
        ("epochs", 0),
        ("initializer_range", 1),
        ("n_layers", 2),
        ("a_key_of_my_model", object),
    ],
)
def test_what_recbole_reads_is_allowed(key, value):
    assert key in config(**{key: value})


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_defaults_of_every_model_are_allowed(model, own_folder):
    defaults = config(model).internal_config_dict
    # RecBole's order for GRU4RecKG and KSR is RO, which no sequential data set of its own takes.
    keys = {k: v for k, v in defaults.items() if k not in ("MODEL_TYPE", "eval_args")}
    (own_folder / "own.yaml").write_text(yaml.safe_dump(keys))
    again = Config(model, "ml-100k", ["fn.yaml", "own.yaml"], {**SMALL, **MODELS[model].keys})
    assert again["seed"] == defaults["seed"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("epochs", "many", "an integer, such as 300"),
        ("epochs", 3.0, "an integer"),
        ("epochs", True, "an integer"),
        ("epochs", None, "an integer"),
        ("learning_rate", float("nan"), "a finite number, such as 0.001"),
        ("weight_decay", [0], "a finite number"),
        ("show_progress", "no", "True or False"),
        ("use_gpu", 2, "True or False"),
        ("LABEL_FIELD", 3, "a string, such as 'label'"),
        ("metrics", 3, "a list"),
        ("topk", "ten", "a list, such as [10]"),
        ("eval_args", ["TO"], "a dict"),
        ("MAX_ITEM_LIST_LENGTH", 0, "an integer from 1"),
        ("eval_batch_size", -5, "an integer from 1"),
    ],
)
def test_another_kind_is_named_with_what_is_allowed(key, value, allowed):
    with pytest.raises(recbole_fn.InputError) as caught:
        config(**{key: value})
    assert str(caught.value).startswith(f"{key} is {value!r}; it must be {allowed}")


def test_plain_recbole_is_left_alone():
    recbole_fn.register()
    keys = {"epochs": 3.0, "fn_enabled": False, "train_neg_sample_args": None}
    assert Config("SASRec", "ml-100k", None, keys)["epochs"] == 3.0


@pytest.mark.parametrize(
    ("metrics", "valid"),
    [
        (["MRR", "NDCG"], "ndcg@5"),
        (["GAUC", "Hit"], "GAUC"),
        ("Hit", "Hit@10"),
        (["ItemCoverage"], "ItemCoverage@5"),
    ],
)
def test_a_metric_that_is_computed_can_be_that_of_validation(metrics, valid):
    computed = config(metrics=metrics, topk=[5, 10], valid_metric=valid)
    assert require_metric(computed) is None  # what cannot be raises


@pytest.mark.parametrize("valid", ["MRR", "MRR@7", "NDCG@10", "GAUC@10", "GAUC"])
def test_a_metric_that_is_not_computed_cannot(valid):
    with pytest.raises(recbole_fn.InputError, match=r"it must be one of MRR@5, MRR@10$"):
        require_metric(config(metrics=["MRR"], topk=[5, 10], valid_metric=valid))


def test_map_is_a_metric_and_no_function_of_python():
    read = config(metrics=["MAP"], topk=[12], valid_metric="map@12")
    assert read["valid_metric"] == "map@12" and require_metric(read) is None


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (["map@12"], "metrics has 'map@12'; it must be map alone, as topk has the cut-offs"),
        (["NDGC"], "metrics has 'NDGC'; it must be a metric of RecBole, of which ndcg"),
    ],
)
def test_a_metric_that_recbole_does_not_have_is_one_line(metrics, message):
    with pytest.raises(recbole_fn.InputError, match=message):
        config(metrics=metrics)
