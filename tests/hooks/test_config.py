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
