"""Keys of evaluation that RecBole would refuse in an inner layer, or not at all."""

from contextlib import nullcontext

import pytest
from recbole.config import Config

import recbole_fn
from recbole_fn.config.evaluation_values import empty_parts, require_part

LEAVE_ONE = {"LS": "valid_and_test"}


def mistake(**keys):
    recbole_fn.register()
    with pytest.raises(recbole_fn.InputError) as caught:
        Config("SASRec", "tiny", ["fn.yaml"], {"data_path": "dataset", **keys})
    return str(caught.value)


def mistake_in_args(**args):
    return mistake(eval_args={"order": "TO", "mode": "full", "split": LEAVE_ONE, **args})


@pytest.mark.parametrize("mode", [{"validation": "uni20"}, {"valid": "uni20", "tests": "uni20"}])
def test_a_part_that_recbole_does_not_read_is_refused(mode):
    words = mistake_in_args(mode=mode)
    assert f"eval_args.mode has {list(mode)[-1]!r}; it must be valid or test" in words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"metrics": []}, "metrics is []; it must name at least one"),
        ({"metrics": ["NDCG", "AUC"]}, "of which AUC compare scores with labels; all must"),
        ({"metrics": ["AUC"]}, "eval_args.mode is 'full', which ranks items, and metrics is"),
        ({"repeatable": False}, "repeatable is False; it must be True"),
        ({"repeatable": 0}, "repeatable is 0; it must be True"),
        ({"tail_ratio": "x"}, "tail_ratio is 'x'; it must be a number of at least 0"),
        ({"metric_decimal_place": -2}, "metric_decimal_place is -2; it must be an integer from 0"),
    ],
)
def test_metrics_that_do_not_go_together(keys, words):
    assert words in mistake(**keys)


@pytest.mark.parametrize(
    "mode",
    [
        "unix",
        "uni-5",
        "uni0",
        "pop0",
        "uni-1",
        "uniX",
        "top",
        "uni",
        3,
        {"valid": "full", "test": 3},
    ],
)
def test_a_mode_that_recbole_does_not_have(mode):
    assert "it must be full, labeled, uniN or popN" in mistake_in_args(mode=mode)


@pytest.mark.parametrize(
    "split", [None, "LS", {}, {"XS": [8, 1, 1]}, {"RS": [8, 1, 1], **LEAVE_ONE}]
)
def test_a_split_is_of_one_kind(split):
    assert "it must have one of RS, TS and LS" in mistake_in_args(split=split)


@pytest.mark.parametrize("kind", ["RS", "TS"])
@pytest.mark.parametrize("ratios", ["a", [1, "a", 1], [0, 0, 0], [0.8, 0.3, -0.1]])
def test_ratios_are_numbers_from_0(kind, ratios):
    assert f"eval_args.split.{kind} is {ratios!r}; it must be a list" in mistake_in_args(
        split={kind: ratios}
    )


@pytest.mark.slow
def test_other_words_of_a_split():
    assert "one of valid_and_test, valid_only" in mistake_in_args(split={"LS": "foo"})
    words = "eval_args.group_by is 'item'; it must be user or none"
    assert words in mistake_in_args(split={"RS": [8, 1, 1]}, group_by="item")


@pytest.mark.parametrize("split", [LEAVE_ONE, {"RS": [8, 1, 1]}, {"TS": [0.8, 0.1, 0.1]}])
@pytest.mark.parametrize("mode", ["full", "uni20", {"valid": "pop5"}])
def test_what_recbole_takes_is_taken(mode, split):
    recbole_fn.register()
    args = {"order": "TO", "mode": mode, "split": split, "group_by": "user"}
    config = Config("SASRec", "tiny", ["fn.yaml"], {"data_path": "dataset", "eval_args": args})
    assert config["eval_args"]["split"] == split
    assert config["eval_args"]["mode"]["valid"] == (mode if isinstance(mode, str) else "pop5")


def test_the_loss_of_all_items_without_negatives_is_told_to_plain_runs():
    recbole_fn.register()
    with pytest.raises(recbole_fn.InputError, match="loss_type is 'CE' .* must be null with this"):
        Config("SASRec", "tiny", None, {"data_path": "dataset"})
    Config("SASRec", "tiny", None, {"data_path": "dataset", "train_neg_sample_args": None})


SPLITS = [
    ({"LS": "valid_only"}, ["test"]),
    ({"LS": "test_only"}, ["validation"]),
    ({"RS": [0.8, 0.2, 0]}, ["test"]),
    ({"TS": [0.8, 0, 0.2]}, ["validation"]),
    (LEAVE_ONE, []),
]


@pytest.mark.parametrize(("split", "empty"), SPLITS)
def test_parts_without_rows_are_known_in_advance(split, empty):
    keys = {"eval_args": {"split": split}, "benchmark_filename": None}
    assert empty_parts(keys) == empty
    for part in ("validation", "test"):
        context = pytest.raises(recbole_fn.InputError) if part in empty else nullcontext()
        with context:
            require_part(keys, part, "a study")
