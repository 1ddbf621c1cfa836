"""Answers are the lists of `recommend`, whatever comes in one batch."""

import pytest

import recbole_fn
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.serving.answers import Answers, Question
from recbole_fn.utils.errors import InputError
from tests.helpers.saved_runs import saved_run


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return Answers(Loaded.from_file(saved_run(tmp_path_factory.mktemp("saved"))[1]))


HISTORIES = [["i1"], ["i4", "x", "i9", "i2"], ["x"], [], ["i3"] * 60, ["i49", "i48"]]


def _expected(answers, question):
    frame = recbole_fn.recommend(
        answers.loaded,
        histories={"s": question.history or ["no such item"]},
        k=question.k,
        exclude="history" if question.without_history else "none",
        cold="popular",
    )
    return list(frame["item"]), pytest.approx(list(frame["score"]), abs=1e-5)


@pytest.mark.slow
def test_a_batch_of_questions_has_the_lists_of_each(answers):
    questions = [
        Question(history, k, without)
        for history in HISTORIES
        for k, without in ((1, True), (7, False), (60, True), (1000, False))
    ]
    for question, answer in zip(questions, answers(questions), strict=True):
        assert (answer.items, answer.scores) == _expected(answers, question)
        assert answer.unknown == [item for item in question.history if item == "x"]
        assert answer.popular == (not set(question.history) - {"x"})


@pytest.mark.slow
def test_names_that_begin_with_a_text(answers):
    names = sorted(f"i{n}" for n in range(50))
    assert answers.beginning_with("", 1000) == names
    assert answers.beginning_with("i4", 3) == [name for name in names if name[:2] == "i4"][:3]
    assert answers.beginning_with("j", 3) == answers.beginning_with("i", 0) == []


def test_a_diverged_model_fails_before_anyone_asks(answers):
    weight = answers.loaded.model.item_embedding.weight
    before = weight.detach().clone()
    weight.data[:] = float("nan")
    try:
        with pytest.raises(InputError, match="scores items with NaN"):
            Answers(answers.loaded)
    finally:
        weight.data.copy_(before)
