"""Wrong keys of feedback stop a run with one line, before training begins."""

import pytest

from recbole_fn.config.feedback_condition import Condition
from recbole_fn.config.settings import FNSettings
from recbole_fn.feedback.kinds import KindRule
from recbole_fn.utils.errors import InputError
from tests.feedback.made_up import built, lines, write

RATING = {"fn_feedback_field": "rating", "fn_feedback_negative": "<= 2"}


@pytest.mark.parametrize(
    "value",
    ["2", "<=", "= 2", 2, [], [None], [[1]], "=> 2", "rating <= 2", "__import__('os')", True, {}],
)
def test_what_is_no_condition(value):
    with pytest.raises(InputError, match="fn_feedback_negative is .*; it must be one comparison"):
        FNSettings.from_config({**RATING, "fn_feedback_negative": value})


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ("<= 2", 2.0, True),
        ("<2", 2.0, False),
        (">= 4.5", 4.5, True),
        ("> -1", -1.5, False),
        ("== 3", 3.0, True),
        ("!= 3", 3.0, False),
        ([1, 2.5], 2.5, True),
        (["1"], 1.0, True),
        ([1], float("inf"), False),
        ("== skip", "skip", True),
        ("!= skip", "play", True),
        (["skip", "dislike"], "play", False),
        ("== two words", "two words", True),
    ],
)
def test_what_conditions_hold_for(condition, value, holds):
    assert Condition.of(condition).holds(value) is holds


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"fn_feedback_field": "rating"},
            "fn_feedback_negative must say which values",
        ),
        ({"fn_feedback_negative": "<= 2"}, "fn_feedback_field must be the column"),
        ({"fn_feedback_targets": "exclude"}, "fn_feedback_field must be the column"),
        ({"fn_feedback_inputs": "positive"}, "fn_feedback_field must be the column"),
        ({**RATING, "fn_feedback_targets": "drop"}, "ignore or exclude or negative"),
        (
            {**RATING, "fn_feedback_targets": "negative", "fn_real_negatives": 101},
            "it must be at most fn_neg_num, which is 100",
        ),
        (
            {**RATING, "fn_feedback_targets": "negative", "fn_neg_num": "all"},
            "fn_neg_num must be an integer, or fn_real_negative_loss not_to_recommend",
        ),
        (
            {
                **RATING,
                "fn_feedback_targets": "negative",
                "fn_loss": "model",
                "fn_real_negative_weight": 2,
            },
            "fn_real_negative_weight must be 1",
        ),
        ({"fn_real_negative_weight": 0}, "a number above 0"),
        ({"fn_real_negative_loss": "softmax"}, "must be slot or not_to_recommend"),
    ],
)
def test_keys_that_do_not_go_together(keys, words):
    with pytest.raises(InputError, match=words):
        FNSettings.from_config(keys)


def test_a_value_of_two_kinds():
    rule = KindRule("rating", Condition.of("<= 3"), Condition.of("== 3"))
    with pytest.raises(InputError, match="both hold for 3.0 in column 'rating'; a value"):
        rule.kind(3.0)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"fn_feedback_field": "stars"}, "a column of the interactions of data set 'rated' with"),
        ({"fn_feedback_negative": "== skip"}, "but column 'rating' has numbers; it must compare"),
        (
            {"fn_feedback_field": "item_id", "fn_feedback_neutral": None},
            "but column 'item_id' has tokens, which have no order",
        ),
        (
            {"fn_feedback_negative": "< 9", "fn_feedback_neutral": None},
            "has no positive",
        ),
        ({"benchmark_filename": ["a", "b", "c"]}, "benchmark_filename"),
    ],
)
def test_columns_that_do_not_fit(keys, words, tmp_path):
    write(tmp_path, lines(40))
    for part in "abc":
        source = tmp_path / "rated" / "rated.inter"
        (tmp_path / "rated" / f"rated.{part}.inter").write_bytes(source.read_bytes())
    with pytest.raises(InputError, match=words) as caught:
        built(tmp_path, **keys)
    assert "\n" not in str(caught.value)


def test_a_model_with_a_data_set_of_its_own(tmp_path):
    write(tmp_path, lines(41))
    with pytest.raises(InputError, match="has a data set of its own, DIENDataset"):
        built(tmp_path, "DIEN")


@pytest.mark.slow
def test_the_kinds_are_counted_in_the_log(tmp_path, caplog):
    caplog.set_level("INFO")
    rated = lines(42)
    write(tmp_path, rated)
    built(tmp_path, state="INFO")
    positive, negative = (sum(line[2] in of for line in rated) for of in (("4", "5"), ("1", "2")))
    neutral = len(rated) - positive - negative  # those without a rating too
    words = f"{positive} positive, {neutral} neutral, {negative} negative interactions."
    assert f"Feedback in column 'rating': {words}" in caplog.text
