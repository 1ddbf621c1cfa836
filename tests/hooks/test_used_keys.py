"""Each key that is set is used, or named with the nearest known one."""

import logging
import sys

import pytest
from recbole.config import Config

import recbole_fn
from recbole_fn.config.idle_keys import idle_keys, other_models, unknown_keys
from recbole_fn.config.nested_keys import merged
from recbole_fn.experiment.build import assemble, load_data, read_config
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import ON, SMALL, fit, pieces
from tests.helpers.user_models import MeanModel

QUICK = {**SMALL, **ON, "epochs": 1}
OWN_LOSS = {
    "fn_loss": "model",
    "fn_strategy": "off",
    "fn_feedback_targets": "negative",
    "fn_feedback_field": "rating",
    "fn_feedback_negative": "<= 2",
}


@pytest.fixture(autouse=True)
def registered():
    recbole_fn.register()


def made(model="SASRec", **keys):
    return Config(model, "tiny", config_dict={**QUICK, **keys})


class Tuned(MeanModel):
    """A user's model that reads keys of its own, one of them under a name that it builds."""

    def __init__(self, config, dataset):
        super().__init__(config, dataset)
        self.warmth = config["tuned_warmth"]
        self.depth = config["_".join(("tuned", "depth"))]


def warnings_of(caplog):
    records = [record for record in caplog.records if "Keys without effect" in record.message]
    return [record.message for record in records]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("learning_rat", "learning_rate"),
        ("epoch", "epochs"),
        ("hiden_size", "hidden_size"),
        ("MAX_ITEM_LIST_LEN", "MAX_ITEM_LIST_LENGTH"),
        ("eval_args.mod", "eval_args.mode"),
    ],
)
def test_a_misspelt_key_is_an_error_with_the_nearest_one(typo, meant):
    with pytest.raises(InputError, match=f"nothing reads {typo} .*nearest known key is {meant}\\)"):
        read_config("SASRec", "tiny", ["fn.yaml"], {**SMALL, typo: 1})
    read_config("SASRec", "tiny", ["fn.yaml"], {**SMALL, typo: 1, "fn_strict_keys": False})


def test_one_warning_names_all_before_training(caplog):
    keys = {**QUICK, "learning_rat": 1, "train_neg_sample_args": {"sample_num": 3}, "state": "INFO"}
    with caplog.at_level(logging.WARNING):
        recbole_fn.run_recbole_fn("SASRec", "tiny", None, keys, saved=False)
    [warning] = warnings_of(caplog)
    assert "learning_rat (the nearest known key is learning_rate)" in warning
    assert "train_neg_sample_args (fn_neg_num and" in warning
    assert "embedding_size (a key of other models than SASRec)" in warning  # of SMALL
    before = [record.message for record in caplog.records]
    assert not any("epoch 0" in message for message in before[: before.index(warning)])


def test_no_key_of_recbole_or_of_a_packaged_file_is_unknown(root):
    for file in ("fn.yaml", "ufnrec.yaml", "strong.yaml"):
        config = read_config("SASRec", "ml-100k", [file])
        assert unknown_keys(config) == other_models(config) == [] and idle_keys(config) == {}
    assert unknown_keys(made(**made().internal_config_dict)) == []
    group = {"encoding": "utf-8", "wandb_project": "x", "train_stage": "pretrain"}
    assert unknown_keys(made(**group)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "idle"),
    [
        ({"threshold": {"rating": 3}}, ["threshold"]),
        ({"LABEL_FIELD": "bought"}, ["LABEL_FIELD"]),
        ({"load_col": {"inter": ["user_id", "item_id", "timestamp", "label"]}}, ["load_col label"]),
        ({"train_neg_sample_args": {"sample_num": 3}}, ["train_neg_sample_args"]),
        ({"train_neg_sample_args": None}, []),
        ({"loss_type": "BPR", "reg_weight": 3}, ["loss_type"]),  # SASRec has no reg_weight
        ({"loss_type": "BPR", "fn_loss": "model"}, []),
        ({**OWN_LOSS, "loss_type": "CE"}, ["fn_feedback_targets"]),
        ({**OWN_LOSS, "loss_type": "BPR"}, []),
        ({**OWN_LOSS, "loss_type": "CE", "fn_strategy": "flip"}, []),  # its terms take negatives
        ({"val_interval": {"rating": "[3,5]"}, "rm_dup_inter": "first"}, []),
        (
            {"val_interval": {"rating": "[3,5]"}, "benchmark_filename": ["a", "b", "c"]},
            ["val_interval"],
        ),
        ({}, []),
    ],
)
def test_known_keys_without_effect_are_named(keys, idle):
    assert list(idle_keys(made(**keys))) == idle


@pytest.mark.slow
def test_without_the_switch_our_keys_are_named():
    config = Config("SASRec", "tiny", config_dict={"train_neg_sample_args": None, "fn_neg_num": 5})
    assert list(idle_keys(config)) == ["fn_neg_num"]
    off = {"train_neg_sample_args": None, "fn_neg_num": 5, "fn_enabled": False}
    assert idle_keys(Config("SASRec", "tiny", config_dict=off)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "key", "value"),
    [
        ("SASRec", "loss_type", "BPR"),
        ("GRU4Rec", "loss_type", "BPR"),
        ("HGN", "reg_weight", [5.0, 5.0]),
        ("SHAN", "reg_weight", [5.0, 5.0]),
        *((name, "reg_weight", 50.0) for name in ("Caser", "FOSSIL", "GCSAN", "HRM", "NextItNet")),
        ("SINE", "reg_loss_ratio", 50.0),
        ("BERT4Rec", "mask_ratio", 0.9),
        *(("FEARec", name, 50.0) for name in ("lmd", "lmd_sem", "tau")),
        ("FEARec", "contrast", "su"),
        ("FEARec", "sim", "cos"),
    ],
)
def test_keys_of_a_models_own_loss_are_named_and_change_nothing(model, key, value):
    weights = []
    for keys in ({}, {key: value}):
        run = pieces(model, epochs=1, **keys)
        assert (key in idle_keys(run.config)) == bool(keys)
        fit(run)
        weights.append([*run.model.parameters()])
    assert all(one.equal(other) for one, other in zip(*weights, strict=True))


def test_a_data_path_that_recbole_does_not_read_is_named():
    assert list(idle_keys(Config("SASRec", "ml-100k", ["fn.yaml"], {"data_path": "own"}))) == [
        "data_path"
    ]


def test_recboles_own_run_is_told_of_our_keys_once(caplog):
    keys = {**SMALL, "train_neg_sample_args": None, "fn_neg_num": 50, "epochs": 1}
    config = Config("SASRec", "tiny", config_dict=keys)
    run = assemble(config, load_data(config))
    with caplog.at_level(logging.WARNING):
        fit(run)
        fit(run)
    [warning] = warnings_of(caplog)
    assert "fn_neg_num (fn_enabled is not set; fn.yaml sets it)" in warning


def test_labels_of_a_model_that_reads_them_are_used():
    keys = {"threshold": {"rating": 3}, "fn_enabled": False, "metrics": ["AUC"]}
    assert idle_keys(Config("DIN", "tiny", config_dict={**keys, "valid_metric": "AUC"})) == {}


def test_keys_that_a_users_own_model_reads_are_not_named(caplog):
    unread = "_".join(("tuned", "width"))  # the source of the class does not hold it either
    keys = {"tuned_warmth": 1, "tuned_depth": 2, unread: 3, "fn_strict_keys": True}
    run = pieces(Tuned, **keys)
    with caplog.at_level(logging.WARNING):
        fit(run)
        fit(run)
    [warning] = warnings_of(caplog)
    assert unread in warning
    assert "tuned_warmth (" not in warning and "tuned_depth (" not in warning


def test_keys_that_a_script_reads_are_not_named(caplog):
    run = pieces("SASRec", mine=1, others=2)
    assert run.config["mine"] == 1
    with caplog.at_level(logging.WARNING):
        fit(run)
    [warning] = warnings_of(caplog)
    assert "others (" in warning and "mine (" not in warning


@pytest.mark.slow
def test_options_of_somebody_elses_script_are_no_error(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train_all.py", "--note=x"])
    read_config("SASRec", "tiny", ["fn.yaml"], SMALL)
    monkeypatch.setattr(sys, "argv", ["run_recbole_fn.py", "--note=x"])
    with pytest.raises(InputError, match="nothing reads note"):
        read_config("SASRec", "tiny", ["fn.yaml"], SMALL)


def test_nested_keys_change_one_entry_and_the_command_line_wins(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--eval_args.mode=uni20", "--clip_grad_norm.max_norm=5"])
    config = made(**{"eval_args.group_by": "none", "eval_args.mode": "full"})
    assert config["eval_args"] == {
        "split": {"LS": "valid_and_test"},
        "order": "TO",
        "group_by": "none",
        "mode": {"valid": "uni20", "test": "uni20"},
    }
    assert config["clip_grad_norm"] == {"max_norm": 5}
    assert config["valid_neg_sample_args"]["sample_num"] == 20
    assert unknown_keys(config) == []


def test_a_later_source_replaces_what_a_nested_key_of_an_earlier_one_changed():
    assert merged({}, {"a.b": 1}, {"a": {"c": 2}}, {"a.d.e": 3}) == {"a": {"c": 2, "d": {"e": 3}}}
    with pytest.raises(InputError, match="a.b.c is 1, but a.b is 2; it must be a mapping"):
        merged({"a": {"b": 2}}, {"a.b.c": 1})
