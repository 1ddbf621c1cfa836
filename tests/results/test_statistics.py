"""Means, differences and p values equal textbook formulas."""

import numpy as np
import pytest
from scipy import stats

from recbole_fn.results.statistics import metrics_of, paired_p, percent, summarize
from tests.helpers.job_results import found, made_up


def textbook_p(values, baseline):
    """Student's paired test from its definition."""
    d = np.asarray(values) - np.asarray(baseline)
    t = d.mean() / (d.std(ddof=1) / np.sqrt(len(d)))
    return 2 * stats.t.sf(abs(t), len(d) - 1)


def no_rows(result, metric):
    raise AssertionError("rows are not asked for where there are seeds")


@pytest.mark.parametrize("number", [2, 3, 10, 1000])
def test_p_is_that_of_the_definition(number):
    chance = np.random.default_rng(number)
    values, baseline = chance.random(number) + 0.1, chance.random(number)
    assert paired_p(values, baseline) == pytest.approx(textbook_p(values, baseline), rel=1e-9)


def test_no_p_without_spread():
    assert paired_p([1.0], [2.0]) is None
    assert paired_p([1.0, 2.0], [1.0, 2.0]) is None
    assert paired_p([1.0, 2.0], [2.0, 3.0]) == 0


def test_percent():
    assert percent(3.0, 2.0) == 50 and percent(1.0, 0.0) is None


def test_a_row_over_seeds():
    variant, baseline = made_up("flip", 5, 0.01), made_up("off", 5)
    row = summarize(variant, baseline, no_rows)[0]
    ours, theirs = ([job["test"]["ndcg"] for job in side] for side in (variant, baseline))
    assert (row.metric, row.variant, row.seeds, row.test) == ("ndcg", "flip", 5, "seeds")
    assert row.mean == pytest.approx(np.mean(ours))
    assert row.std == pytest.approx(np.std(ours, ddof=1))
    assert row.difference == pytest.approx(100 * (np.mean(ours) / np.mean(theirs) - 1))
    assert row.p == pytest.approx(textbook_p(ours, theirs))
    assert row.seconds_per_epoch == pytest.approx(
        np.mean([j["seconds_per_epoch"] for j in variant])
    )
    assert row.peak_memory_bytes == max(job["peak_memory_bytes"] for job in variant)


def test_only_seeds_that_both_have_are_compared_and_by_seed_not_by_place():
    variant, baseline = made_up("flip", 5, 0.01), made_up("off", 5)
    whole = summarize(variant[1:4], baseline[1:4], no_rows)[0]
    partial = summarize(variant[1:4], baseline[::-1], no_rows)[0]
    assert partial == whole


def test_one_seed_is_judged_by_the_test_rows():
    chance = np.random.default_rng(1)
    rows = {"flip3": chance.random(50) + 0.2, "off3": chance.random(50)}
    variant, baseline = (
        [found("flip", 3, ndcg=0.7, gini=0.2)],
        [found("off", 3, ndcg=0.5, gini=0.1)],
    )

    def rows_of(result, metric):
        return rows[result["ranks"]] if metric == "ndcg" else None

    ndcg, gini = summarize(variant, baseline, rows_of)
    assert ndcg.p == pytest.approx(textbook_p(rows["flip3"], rows["off3"]))
    assert (ndcg.test, ndcg.std) == ("test rows", None) and ndcg.difference == pytest.approx(40)
    assert gini.p is None and gini.difference == pytest.approx(100)


def test_the_baseline_is_not_compared_with_itself():
    baseline = made_up("off", 3)
    row = summarize(baseline, baseline, no_rows)[0]
    assert (row.difference, row.p, row.test) == (None, None, "") and row.std > 0


def test_without_a_baseline_there_are_still_means():
    row = summarize(made_up("flip", 3), [], no_rows)[0]
    assert (row.difference, row.p) == (None, None) and row.mean > 0


def with_validations(variant, seed, scores):
    history = [{"epoch": epoch, "valid_score": score} for epoch, score in enumerate(scores)]
    return {**found(variant, seed, ndcg=0.5), "history": history}


def test_the_last_validations_have_a_row_of_their_own():
    name, scores = "valid ndcg@10, last 5", [0.9, None, 0.1, None, 0.2, 0.3, 0.4, None, 0.5]
    assert metrics_of(with_validations("off", 1, scores)) == {"ndcg": 0.5, name: pytest.approx(0.3)}
    assert metrics_of(with_validations("off", 1, [0.4, None])) == {"ndcg": 0.5, name: 0.4}
    assert metrics_of(with_validations("off", 1, [None, None])) == {"ndcg": 0.5}
    baseline = [with_validations("off", seed, [0.25 + seed]) for seed in range(3)]
    variant = [with_validations("flip", seed, [0.375 + seed, 0.125 + seed]) for seed in range(3)]
    _, row = summarize(variant, baseline, no_rows)
    assert (row.metric, row.difference, row.p) == (name, 0, None)
