"""Means, differences and p values equal textbook formulas."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from recbole_fn.results.statistics import (
    compare_results,
    holm,
    metrics_of,
    paired_p,
    percent,
    summarize,
)
from recbole_fn.results.target_ranks import of_rows
from tests.helpers.job_results import epoch_result, job_result, made_up
from tests.helpers.report_folder import ROWS, ranks


def textbook_p(values, baseline):
    """Student's paired test from its definition."""
    d = np.asarray(values) - np.asarray(baseline)
    t = d.mean() / (d.std(ddof=1) / np.sqrt(len(d)))
    return 2 * stats.t.sf(abs(t), len(d) - 1)


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
    row = summarize(variant, baseline)[0]
    ours, theirs = ([job.test["ndcg"] for job in side] for side in (variant, baseline))
    assert (row.metric, row.variant, row.seeds, row.test) == ("ndcg", "flip", 5, "seeds")
    assert row.mean == pytest.approx(np.mean(ours))
    assert row.std == pytest.approx(np.std(ours, ddof=1))
    assert row.difference == pytest.approx(100 * (np.mean(ours) / np.mean(theirs) - 1))
    assert row.p == pytest.approx(textbook_p(ours, theirs))
    assert row.seconds_per_epoch == pytest.approx(np.mean([j.seconds_per_epoch for j in variant]))
    assert row.peak_memory_bytes == max(job.peak_memory_bytes for job in variant)


def test_only_seeds_that_both_have_are_compared_and_by_seed_not_by_place():
    variant, baseline = made_up("flip", 5, 0.01), made_up("off", 5)
    whole = summarize(variant[1:4], baseline[1:4])[0]
    partial = summarize(variant[1:4], baseline[::-1])[0]
    assert partial == whole


def test_one_seed_is_judged_by_the_test_rows():
    chance = np.random.default_rng(1)
    variant, baseline = (
        replace(
            job_result(name, 3, **{"ndcg@10": value, "gini": gini}),
            target_ranks=ranks(ranks=chance.integers(1, 12, ROWS)),
        )
        for name, value, gini in (("flip", 0.7, 0.2), ("off", 0.5, 0.1))
    )
    ndcg, gini = summarize([variant], [baseline])
    rows = [of_rows("ndcg@10", job.target_ranks.ranks) for job in (variant, baseline)]
    assert ndcg.p == pytest.approx(textbook_p(*rows))
    assert (ndcg.test, ndcg.std) == ("test rows", None) and ndcg.difference == pytest.approx(40)
    assert gini.p is None and gini.difference == pytest.approx(100)


def test_rows_of_other_users_are_no_pairs():
    other = ranks(users=np.arange(ROWS)[::-1].astype(str))
    for target_ranks in (None, other):
        variant = replace(job_result("flip", 3, **{"ndcg@10": 1}), target_ranks=target_ranks)
        baseline = replace(job_result("off", 3, **{"ndcg@10": 1}), target_ranks=ranks(shift=1))
        assert summarize([variant], [baseline])[0].p is None


def test_holms_correction_equals_one_by_hand():
    # Sorted: 4 x 0.005, 3 x 0.01, 2 x 0.03 = 0.06, and 1 x 0.04 is not to be less than 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, None, 0.5]) == [1, None, 1]
    assert holm([None]) == [None] and holm([]) == []


def test_the_correction_is_over_all_tests_of_a_comparison():
    results = [*made_up("off"), *made_up("drop", shift=0.02), *made_up("flip", shift=-0.01)]
    results += [replace(job, model="N") for job in results]
    rows = compare_results(results, "off")
    assert len(rows) == 12 and sum(row.p is not None for row in rows) == 8
    assert [row.p_holm for row in rows] == holm([row.p for row in rows])
    assert {row.p_holm for row in rows if row.variant == "off"} == {None}


def test_the_baseline_is_not_compared_with_itself():
    baseline = made_up("off", 3)
    row = summarize(baseline, baseline)[0]
    assert (row.difference, row.p, row.test) == (None, None, "") and row.std > 0


def test_without_a_baseline_there_are_still_means():
    row = summarize(made_up("flip", 3), [])[0]
    assert (row.difference, row.p) == (None, None) and row.mean > 0


def with_validations(variant, seed, scores):
    history = [epoch_result(epoch, score) for epoch, score in enumerate(scores)]
    return replace(job_result(variant, seed, ndcg=0.5), history=history)


def test_the_last_validations_have_a_row_of_their_own():
    name, scores = "valid ndcg@10, last 5", [0.9, None, 0.1, None, 0.2, 0.3, 0.4, None, 0.5]
    assert metrics_of(with_validations("off", 1, scores)) == {"ndcg": 0.5, name: pytest.approx(0.3)}
    assert metrics_of(with_validations("off", 1, [0.4, None])) == {"ndcg": 0.5, name: 0.4}
    assert metrics_of(with_validations("off", 1, [None, None])) == {"ndcg": 0.5}
    baseline = [with_validations("off", seed, [0.25 + seed]) for seed in range(3)]
    variant = [with_validations("flip", seed, [0.375 + seed, 0.125 + seed]) for seed in range(3)]
    _, row = summarize(variant, baseline)
    assert (row.metric, row.difference, row.p) == (name, 0, None)
