"""The page of a search shows its trials, whatever there is to show."""

import re

import pytest

from recbole_fn.tune.figures import curves, effect, page
from recbole_fn.tune.tables import in_order
from tests.helpers.page_checks import Page, assert_self_contained
from tests.helpers.trials import trial
from tests.tune.test_space import defined

SPACE = {
    "learning_rate": {"loguniform": [1e-4, 1e-2]},
    "fn_flip_after": {"choice": [1, 2, 3]},
    "fn_strategy": {"choice": ["flip", "drop"]},
}


def keys(rate, after, strategy):
    return {"learning_rate": rate, "fn_flip_after": after, "fn_strategy": strategy}


@pytest.fixture
def trials():
    return [
        trial(0, [0.1, 0.2], **keys(1e-3, 1, "flip")),
        trial(1, [0.3], "stopped", **keys(1e-4, 2, "flip")),
        trial(2, [0.2, 0.5], "running", **keys(1e-2, 3, "drop")),
        trial(3, [], "failed", **keys(1e-2, 3, "<drop>")),
    ]


@pytest.mark.slow
def test_the_page_has_a_figure_for_each_key_and_all_trials_in_a_table(trials):
    shown = Page(page(defined(SPACE), trials, "ndcg@10", True))
    assert_self_contained(shown)
    assert [tag for tag, _ in shown.tags].count("h4") == 1 + 3 + 1
    header, *lines = shown.tables[0]
    assert header[:5] == ["trial", "status", "epochs", "best epoch", "best valid ndcg@10"]
    assert [line[:5] for line in lines] == [
        ["2", "running", "2", "1", "0.5000"],
        ["1", "stopped", "1", "0", "0.3000"],
        ["0", "finished", "2", "1", "0.2000"],
        ["3", "failed", "0", "", ""],
    ]
    assert lines[3][-1] == "<drop>"
    assert "4 trials: 1 finished, 1 stopped, 1 failed, 1 running." in shown.text


def test_curves_are_the_scores_of_each_trial_and_mark_the_best(trials):
    ranked = [one for one in in_order(trials, True) if one.epochs]
    figure = curves(ranked, "ndcg@10").figure
    assert [list(trace.y) for trace in figure.data] == [[0.1, 0.2], [0.3], [0.2, 0.5]]
    assert [trace.name for trace in figure.data] == ["finished", "stopped", "best trial"]


def test_an_effect_shows_best_scores_against_values_on_a_fitting_axis(trials):
    ranked = [one for one in in_order(trials, True) if one.epochs]
    search = defined(SPACE)
    shown = {one.name: effect(one, ranked, "ndcg@10", True).figure for one in search.space}
    points = {
        (x, y)
        for trace in shown["learning_rate"].data
        for x, y in zip(trace.x, trace.y, strict=False)
    }
    assert points == {(1e-3, 0.2), (1e-4, 0.3), (1e-2, 0.5)}
    types = [shown[name].layout.xaxis.type for name in SPACE]
    assert types == ["log", None, "category"]


@pytest.mark.slow
def test_without_any_score_the_table_is_all_there_is(trials):
    text = page(defined(SPACE), trials[3:], "ndcg@10", True)
    assert not re.search("Effect of", text) and len(Page(text).tables) == 1
