"""Means, differences and p values equal textbook formulas."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from recbole_fn.results.multiple_tests import holm
from recbole_fn.results.paired_inference import infer
from recbole_fn.results.statistics import compare_results, metrics_of, percent, summarize
from recbole_fn.results.target_ranks import of_rows
from tests.helpers.job_results import epoch_result, job_result, made_up
from tests.helpers.report_folder import ROWS, ranks


def textbook_p(values, baseline):
    """Student's paired test from its definition."""
    d = np.asarray(values) - np.asarray(baseline)
    t = d.mean() / (d.std(ddof=1) / np.sqrt(len(d)))
    return 2 * stats.t.sf(abs(t), len(d) - 1)


def textbook_interval(values, baseline):
    """Student's paired 95 % interval from its definition, in percent of the baseline."""
    d = np.asarray(values) - np.asarray(baseline)
    reach = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return 100 * (d.mean() + np.array([-reach, reach])) / np.mean(baseline)


def with_ranks(variant, seed, **more):
    """A job with ranks of its own, and the metrics that follow from them."""
    chance = np.random.default_rng([len(variant), seed])
    of_rows_ = ranks(ranks=chance.integers(1, 12, ROWS), **more)
    ndcg = float(np.mean(of_rows("ndcg@10", of_rows_.ranks)))
    job = job_result(variant, seed, **{"ndcg@10": ndcg, "gini": chance.random()})
    return replace(job, target_ranks=of_rows_)


def values_of(jobs, metric="ndcg@10"):
    return np.array([of_rows(metric, job.target_ranks.ranks) for job in jobs])


def test_percent():
    assert percent(3.0, 2.0) == 50 and percent(1.0, 0.0) is None


def test_more_is_a_gain_over_a_negative_baseline_too():
    """`hit_difference@10` is negative where lists hold more of what users disliked."""
    baseline = [job_result("off", s, hit_difference=v) for s, v in enumerate((-0.1, -0.08, -0.12))]
    better = [job_result("flip", s, hit_difference=v) for s, v in enumerate((-0.05, -0.04, -0.07))]
    (row,) = [r for r in summarize(better, baseline) if r.metric == "hit_difference"]
    assert row.mean > -0.1
    assert row.difference == pytest.approx(100 * (row.mean + 0.1) / 0.1)
    assert 0 < row.difference_low < row.difference < row.difference_high
    (row,) = [r for r in summarize(baseline, better) if r.metric == "hit_difference"]
    assert row.difference_low < row.difference < row.difference_high < 0


def test_a_row_over_seeds():
    variant, baseline = made_up("flip", 5, 0.01), made_up("off", 5)
    row = summarize(variant, baseline)[0]
    ours, theirs = ([job.test["ndcg"] for job in side] for side in (variant, baseline))
    assert (row.metric, row.variant, row.seeds, row.test) == ("ndcg", "flip", 5, "seeds")
    assert row.mean == pytest.approx(np.mean(ours))
    assert row.std == pytest.approx(np.std(ours, ddof=1))
    assert row.difference == pytest.approx(100 * (np.mean(ours) / np.mean(theirs) - 1))
    assert row.p == pytest.approx(textbook_p(ours, theirs))
    interval = (row.difference_low, row.difference_high)
    assert interval == pytest.approx(textbook_interval(ours, theirs))
    half, quantiles = (row.difference_high - row.difference), stats.t.ppf([0.975, 0.8], 4)
    assert row.detectable == pytest.approx(half * sum(quantiles) / quantiles[0])
    assert row.seconds_per_epoch == pytest.approx(np.mean([j.seconds_per_epoch for j in variant]))
    assert row.peak_memory_bytes == max(job.peak_memory_bytes for job in variant)


def test_only_seeds_that_both_have_are_compared_and_by_seed_not_by_place():
    variant, baseline = made_up("flip", 5, 0.01), made_up("off", 5)
    whole = summarize(variant[1:4], baseline[1:4])[0]
    partial = summarize(variant[1:4], baseline[::-1])[0]
    assert partial == whole


def test_one_seed_is_judged_by_its_users():
    variant, baseline = with_ranks("flip", 3), with_ranks("off", 3)
    ndcg, gini = summarize([variant], [baseline])
    rows = values_of([variant, baseline])
    assert ndcg.p == pytest.approx(textbook_p(*rows))
    assert (ndcg.test, ndcg.std) == ("users", None)
    interval = (ndcg.difference_low, ndcg.difference_high)
    assert interval == pytest.approx(textbook_interval(*rows))
    assert ndcg.difference == pytest.approx(np.mean(interval))
    assert gini.difference == pytest.approx(percent(variant.test["gini"], baseline.test["gini"]))
    assert (gini.p, gini.difference_low, gini.detectable, gini.test) == (None, None, None, "")


def test_several_seeds_are_judged_by_users_and_seeds():
    variant, baseline = ([with_ranks(v, seed) for seed in range(3)] for v in ("flip", "off"))
    ndcg, gini = summarize(variant, baseline[::-1])
    expected = infer(values_of(variant) - values_of(baseline))
    assert (ndcg.test, ndcg.p) == ("users and seeds", pytest.approx(expected.p))
    whole = np.mean(values_of(baseline))
    shown = (ndcg.difference_low, ndcg.difference, ndcg.difference_high, ndcg.detectable)
    held = (expected.low, expected.mean, expected.high, expected.detectable)
    assert shown == pytest.approx([100 * value / whole for value in held])
    ours, theirs = ([job.test["gini"] for job in side] for side in (variant, baseline))
    assert (gini.test, gini.p) == ("seeds", pytest.approx(textbook_p(ours, theirs)))


def test_several_rows_of_a_user_are_one_value():
    users = {"users": np.repeat(np.arange(ROWS // 4), 4).astype(str)}
    variant, baseline = ([with_ranks(v, s, **users) for s in (1, 2)] for v in ("flip", "off"))
    ndcg, _ = summarize(variant, baseline)
    differences = (values_of(variant) - values_of(baseline)).reshape(2, -1, 4).mean(axis=2)
    assert ndcg.p == pytest.approx(infer(differences).p)


def test_rows_of_other_users_are_no_pairs():
    other = ranks(users=np.arange(ROWS)[::-1].astype(str))
    for target_ranks in (None, other):
        variant = replace(job_result("flip", 3, **{"ndcg@10": 1}), target_ranks=target_ranks)
        baseline = replace(job_result("off", 3, **{"ndcg@10": 1}), target_ranks=ranks(shift=1))
        assert summarize([variant], [baseline])[0].p is None


@pytest.mark.parametrize("target_ranks", [None, ranks(items=np.arange(ROWS)[::-1].astype(str))])
@pytest.mark.parametrize("side", [0, 1])
def test_where_one_job_lacks_the_rows_seeds_alone_are_paired(target_ranks, side):
    sides = [[with_ranks(v, seed) for seed in range(3)] for v in ("flip", "off")]
    sides[side][1] = replace(sides[side][1], target_ranks=target_ranks)
    row = summarize(*sides)[0]
    expected = textbook_p(*([job.test["ndcg@10"] for job in jobs] for jobs in sides))
    assert (row.test, row.p) == ("seeds", pytest.approx(expected))


def test_a_baseline_of_zero_has_no_percentages():
    variant, baseline = (
        [job_result(v, s, ndcg=n * s) for s in (1, 2)] for v, n in (("f", 1), ("o", 0))
    )
    row = summarize(variant, baseline)[0]
    assert row.p == pytest.approx(textbook_p([1, 2], [0, 0]))
    assert (row.difference, row.difference_low, row.difference_high, row.detectable) == (None,) * 4


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
