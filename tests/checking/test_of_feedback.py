"""A check of files with kinds: its rows are those of a loop, and a run that errs is marked."""

import pytest

import recbole_fn
from recbole_fn.checking import of_feedback
from tests.feedback import reference
from tests.feedback.made_up import KEYS, lines, log_of, write
from tests.helpers.runs import ON, SMALL

ALL = {**SMALL, **ON, **KEYS, "topk": 2, "valid_metric": "NDCG@2"}


def check(folder, **keys):
    return recbole_fn.check("SASRec", "rated", None, {**ALL, "data_path": str(folder), **keys}, 0)


def found(report, name):
    return next(finding for finding in report.findings if finding.name == name)


@pytest.mark.slow
@pytest.mark.parametrize("inputs", ["positive", "all", "typed"])
@pytest.mark.parametrize("targets", ["ignore", "exclude", "negative"])
def test_histories_and_targets_are_those_of_the_files(targets, inputs, tmp_path):
    rated = lines(70, users=20)
    write(tmp_path, rated)
    keys = {"fn_feedback_targets": targets, "fn_feedback_inputs": inputs}
    report = check(tmp_path, **keys)
    assert found(report, "histories and targets").found.startswith("as in the files")
    read = "positive" if inputs == "positive" else "all"
    cut, every = 0, 0
    for events in reference.interactions_by_user(log_of(rated)).values():
        train = reference.training_rows(events, targets, read, 99)
        held_out = reference.leave_one_out(reference.rows_of_user(events, read, 99))[1:]
        rows = [*train, *held_out[0], *held_out[1]]
        every += len(rows)
        cut += sum(len(history) > KEYS["MAX_ITEM_LIST_LENGTH"] for history, *_ in rows)
    assert 0 < cut < every
    assert found(report, "histories cut").found.startswith(f"{cut:,} of {every:,} ")


def test_rows_that_are_others_are_marked(tmp_path, monkeypatch):
    write(tmp_path, lines(71))
    whole = of_feedback.rows_of_events
    monkeypatch.setattr(of_feedback, "rows_of_events", lambda *args: whole(*args)[1:])
    report = check(tmp_path, fn_feedback_targets="exclude", fn_feedback_inputs="all")
    assert "histories and targets" in report.altering


@pytest.mark.slow
def test_a_column_of_tokens_and_missing_values(tmp_path):
    rated = lines(72)
    write(tmp_path, rated)
    path = tmp_path / "rated" / "rated.inter"
    path.write_text(path.read_text().replace("rating:float", "rating:token"))
    keys = {"fn_feedback_negative": ["1", "2"], "fn_feedback_neutral": ["3"]}
    report = check(tmp_path, fn_feedback_targets="negative", fn_feedback_inputs="all", **keys)
    assert found(report, "histories and targets").found.startswith("as in the files")
