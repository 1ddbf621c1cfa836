"""Lists of a model that reads positive feedback alone."""

import pytest

import recbole_fn
from recbole_fn.recommendation.explanation import explain
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.utils.errors import InputError
from tests.feedback.made_up import built, lines, write


@pytest.fixture
def rated():
    return lines(0)


@pytest.fixture
def loaded(rated, tmp_path):
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_inputs="positive", fn_feedback_targets="exclude")
    return Loaded.of_model(run.config, run.model.eval())


def had(rated, user):
    return {item for one, item, *_ in rated if one == user}


def test_no_list_has_what_its_user_has_had_whatever_the_feedback(loaded, rated):
    frame = recbole_fn.recommend(loaded, k=15)
    assert frame["user"].nunique() > 5
    for user, one in frame.groupby("user"):
        assert {*one["item"]} == {item for _, item, *_ in rated} - had(rated, user)


def test_a_user_without_positive_feedback_has_an_empty_history(loaded, rated):
    with pytest.raises(InputError, match="'only-negative'"):
        recbole_fn.recommend(loaded, users=["u1", "only-negative"])
    frame = recbole_fn.recommend(loaded, users=["u1", "only-negative"], cold="popular", k=3)
    assert list(frame["user"]) == ["u1"] * 3 + ["only-negative"] * 3
    assert not {*frame["item"][3:]} & had(rated, "only-negative")
    others = recbole_fn.recommend(loaded, users=["u1"], k=3)
    assert frame["item"][:3].tolist() == others["item"].tolist()
    with pytest.raises(InputError, match="has 0 items"):
        explain(loaded, "only-negative")
