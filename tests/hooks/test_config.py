"""Which source of a key wins, and what switching on implies."""

import pytest
from recbole.config import Config

import recbole_fn
from recbole_fn.config.property_files import find_property_file, properties_folder
from recbole_fn.utils.errors import InputError


@pytest.fixture(autouse=True)
def registered():
    recbole_fn.register()


@pytest.mark.slow
def test_command_line_wins_over_dict_over_later_over_earlier_file(own_folder, monkeypatch):
    (own_folder / "a.yaml").write_text("fn_neg_num: 1\nfn_flip_after: 1\nepochs: 1\nseed: 1\n")
    (own_folder / "b.yaml").write_text("fn_flip_after: 2\nepochs: 2\nseed: 2\n")
    monkeypatch.setattr("sys.argv", ["program", "--seed=4"])
    keys = {"epochs": 3, "seed": 3}
    config = Config("SASRec", "ml-100k", ["fn.yaml", "a.yaml", "b.yaml"], keys)
    values = [config[key] for key in ("fn_neg_num", "fn_flip_after", "epochs", "seed")]
    assert values == [1, 2, 3, 4]
    assert config["fn_teacher_decay"] == 0.999  # of the packaged file
    assert config["learning_rate"] == 0.001  # of RecBole


@pytest.mark.parametrize(
    ("earlier", "later", "mode"),
    [
        ("eval_args.mode: uni20", "eval_args: {mode: full}", "full"),
        ("eval_args: {mode: full}", "eval_args.mode: uni20", "uni20"),
        ("eval_args.mode.valid: uni20", "eval_args.mode: full", "full"),
        ("eval_args.mode: full", "eval_args.mode: {valid: uni20}", "uni20"),
    ],
)
def test_a_later_file_replaces_what_an_earlier_one_nests(earlier, later, mode, own_folder):
    (own_folder / "a.yaml").write_text(earlier)
    (own_folder / "b.yaml").write_text(later)
    config = Config("SASRec", "ml-100k", ["a.yaml", "b.yaml"], {"train_neg_sample_args": None})
    assert config["eval_args"]["mode"]["valid"] == mode


@pytest.mark.parametrize("metric", ["negative_hit@10", "NEGATIVE_NDCG@5"])
def test_of_disliked_items_fewer_are_better(metric):
    def made(**keys):
        keys |= {"valid_metric": metric, "topk": [5, 10], "fn_feedback_field": "rating"}
        keys |= {"fn_feedback_negative": "<= 2"}
        return Config("SASRec", "ml-100k", ["fn.yaml"], keys)

    assert made()["valid_metric_bigger"] is made(valid_metric_bigger=False)["valid_metric_bigger"]
    assert made()["valid_metric_bigger"] is False
    with pytest.raises(InputError, match="valid_metric_bigger is True, .* it must be False"):
        made(valid_metric_bigger=True)


def test_a_direction_that_recbole_does_not_read_is_refused():
    with pytest.raises(InputError, match="valid_metric_bigger is False, .*; it must be True"):
        Config("SASRec", "ml-100k", ["fn.yaml"], {"valid_metric_bigger": False})


@pytest.mark.parametrize(
    "keys", [{"fn_eval_candidates": 20}, {"fn_eval_exclude": "history"}, {"fn_eval_also": "uni20"}]
)
def test_our_rankings_need_a_sequential_model(keys):
    with pytest.raises(InputError, match=f"{next(iter(keys))} is .*, but model 'BPR' is not seq"):
        Config("BPR", "ml-100k", None, keys)


def test_all_columns_and_cuts_may_be_written_as_recbole_writes_them():
    keys = {"load_col": {"inter": "*"}, "topk": (5, 10)}
    keys |= {"fn_feedback_field": "rating", "fn_feedback_negative": "<= 2"}
    config = Config("SASRec", "ml-100k", ["fn.yaml"], keys)
    assert config["load_col"] == {"inter": "*"} and config["topk"] == [5, 10]


def test_switched_on_recbole_draws_no_negatives_whatever_the_models_loss():
    for keys in ({}, {"loss_type": "BPR"}, {"train_neg_sample_args": {"sample_num": 3}}):
        config = Config("SASRec", "ml-100k", ["fn.yaml"], keys)
        assert config["train_neg_sample_args"]["distribution"] == "none"


def test_the_column_of_time_is_read_even_where_load_col_forgets_it():
    columns = {"load_col": {"inter": ["user_id", "item_id"]}}
    config = Config("SASRec", "some-data", ["fn.yaml"], columns)
    assert config["load_col"]["inter"] == ["user_id", "item_id", "timestamp"]
    off = Config("SASRec", "some-data", None, {**columns, "train_neg_sample_args": None})
    assert off["load_col"]["inter"] == ["user_id", "item_id"]


@pytest.mark.slow
def test_a_file_where_the_user_stands_is_found_first(own_folder):
    assert find_property_file("fn.yaml") == properties_folder() / "fn.yaml"
    (own_folder / "fn.yaml").write_text("fn_enabled: True\n")
    assert find_property_file("fn.yaml").resolve() == own_folder / "fn.yaml"


@pytest.mark.parametrize(
    ("typo", "meant"), [("GRU4Rex", "GRU4Rec"), ("sasrec", "SASRec"), ("SASREC", "SASRec")]
)
def test_a_typo_in_the_models_name_names_the_nearest(typo, meant):
    with pytest.raises(recbole_fn.InputError, match=f"'{typo}' is not one of.*is {meant} "):
        Config(typo, "ml-100k", ["fn.yaml"])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("since: 2026-13-45", "'2026-13-45'"),
        ("since: 2026-01-01T25:00:00", "'2026-01-01T25:00:00'"),
        ("mask: 0x_", "'0x_'"),
        ("rate: !!float abc", "'abc'"),
        ("use_gpu: !!bool abc", "'abc'"),
        ("since: !!timestamp abc", "'abc'"),
        (f"seed: {'9' * 5000}", f"'{'9' * 40}...'"),
    ],
)
def test_a_value_that_yaml_cannot_make_is_named_in_our_own_words(line, value, own_folder):
    (own_folder / "own.yaml").write_text(f"epochs: 3\n{line}\n")
    with pytest.raises(InputError) as raised:
        Config("SASRec", "tiny", ["own.yaml"])
    assert str(raised.value).endswith(
        f"own.yaml' has {value} in line 2, which is no number, date or other value of its kind; it "
        f"must be one, or text in quotes"
    )


def test_a_file_that_is_nested_too_deep_is_one_line(own_folder):
    (own_folder / "own.yaml").write_text("epochs: " + "[" * 3000 + "]" * 3000)
    with pytest.raises(InputError, match="maximum nesting depth|nested too deep"):
        Config("SASRec", "tiny", ["own.yaml"])
