"""The inference equals loops and scipy, and holds what it promises where the truth is known."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from recbole_fn.results.paired_inference import infer

DRAWS = 400


def normal(seeds, rows, number=0):
    return np.random.default_rng(number).normal(0.3, 1, (seeds, rows))


def mean(values):
    return sum(values) / len(values)


def two_way_loop(table):
    """Variance of the mean and Satterthwaite's degrees of freedom, cell by cell."""
    seeds, users = len(table), len(table[0])
    of_seed = [mean(line) for line in table]
    of_user = [mean([line[user] for line in table]) for user in range(users)]
    whole = mean(of_seed)
    ms_seed = users * sum((value - whole) ** 2 for value in of_seed) / (seeds - 1)
    ms_user = seeds * sum((value - whole) ** 2 for value in of_user) / (users - 1)
    ms_rest = 0.0
    for seed in range(seeds):
        for user in range(users):
            ms_rest += (table[seed][user] - of_seed[seed] - of_user[user] + whole) ** 2
    ms_rest /= (seeds - 1) * (users - 1)
    ms_seed, ms_user = max(ms_seed, ms_rest), max(ms_user, ms_rest)
    top = ms_seed + ms_user - ms_rest
    below = ms_seed**2 / (seeds - 1) + ms_user**2 / (users - 1)
    below += ms_rest**2 / ((seeds - 1) * (users - 1))
    return whole, top / (seeds * users), top**2 / below


@pytest.mark.parametrize(("seeds", "users"), [(2, 3), (3, 50), (7, 2)])
@pytest.mark.parametrize("seed_effect", [0, 1])
def test_users_and_seeds_equal_a_loop(seeds, users, seed_effect):
    table = normal(seeds, users) + seed_effect * normal(seeds, 1, 1)
    whole, variance, degrees = two_way_loop(table.tolist())
    inference = infer(table)
    assert inference.paired == "users and seeds"
    assert inference.mean == pytest.approx(whole)
    assert inference.standard_error == pytest.approx(sqrt(variance))
    assert inference.degrees_of_freedom == pytest.approx(degrees)


@pytest.mark.parametrize("number", [2, 10, 1000])
@pytest.mark.parametrize(("paired", "axis"), [("users", 0), ("seeds", 1)])
def test_one_seed_or_one_value_a_seed_equal_scipys_paired_test(number, paired, axis):
    ours, theirs = normal(1, number)[0], normal(1, number, 1)[0]
    expected = stats.ttest_rel(ours, theirs)
    inference = infer(np.expand_dims(ours - theirs, axis))
    assert inference.paired == paired
    assert inference.p == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.95)
    assert (inference.low, inference.high) == pytest.approx((interval.low, interval.high))


def test_the_variance_is_at_least_that_over_users():
    for number in range(20):
        table = normal(3, 40, number)
        one_way = table.mean(axis=0).std(ddof=1) / sqrt(40)
        assert infer(table).standard_error >= one_way * (1 - 1e-12)


def test_rows_of_a_user_count_as_one():
    users = np.array(["b", "a", "b", "c", "a", "b"])
    rows = normal(2, 6)
    deviations = rows - rows.mean()
    table = [
        [rows.mean() + 3 / 6 * sum(line[users == user]) for user in "abc"] for line in deviations
    ]
    whole, variance, degrees = two_way_loop(table)
    inference = infer(rows, users)
    assert inference.mean == pytest.approx(rows.mean()) == pytest.approx(whole)
    assert inference.standard_error == pytest.approx(sqrt(variance))
    assert inference.degrees_of_freedom == pytest.approx(degrees)


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_row_that_is_there_twice_adds_nothing(seeds):
    once, users = normal(1, 30) + 0.3 * normal(seeds, 30, 1), np.arange(30)
    twice = infer(np.repeat(once, 2, axis=1), np.repeat(users, 2))
    assert vars(twice) == pytest.approx(vars(infer(once, users)))
    assert infer(np.repeat(once, 2, axis=1)).standard_error < twice.standard_error


def test_nothing_to_judge_by():
    assert infer([[1.0]]) is None
    assert infer([[1.0, 2.0]], ["u", "u"]) is None
    assert infer(np.zeros((3, 5))) is None
    assert infer([[1.0, np.nan]]) is None
    # Of rounded metrics without users, 0.0005 in each of two seeds, as floats have it:
    assert infer([[0.0091 - 0.0086], [0.0043 - 0.0038]]) is None
    assert infer([[0.0091 - 0.0086], [0.0043 - 0.0037]]) is not None


@pytest.mark.parametrize("shape", [(1, 4), (4, 4)])
def test_equal_differences_have_no_error(shape):
    inference = infer(np.ones(shape))
    assert (inference.p, inference.low, inference.high, inference.detectable) == (0, 1, 1, 0)


def draws(seeds, users, seed_effect, user_effect, shift=0.0):
    """Tables whose effects are known, in units of the interaction's standard deviation."""
    chance = np.random.default_rng([seeds, users, int(10 * seed_effect)])
    for _ in range(DRAWS):
        of_seed = chance.normal(0, seed_effect, (seeds, 1))
        of_user = chance.normal(0, user_effect, (1, users))
        yield shift + of_seed + of_user + chance.normal(size=(seeds, users))


@pytest.mark.parametrize(
    ("seeds", "seed_effect", "low", "high"),
    [
        (1, 0, 0.03, 0.075),
        (3, 0, 0.005, 0.06),
        (5, 0, 0.01, 0.07),
        (3, 0.3, 0.03, 0.11),
        (5, 0.3, 0.03, 0.09),
        (10, 0.3, 0.03, 0.08),
        (5, 3, 0.03, 0.08),
    ],
)
def test_the_test_errs_in_five_of_a_hundred(seeds, seed_effect, low, high):
    errors = [infer(table).p < 0.05 for table in draws(seeds, 100, seed_effect, 0.7)]
    assert low <= np.mean(errors) <= high


@pytest.mark.parametrize("seed_effect", [0, 0.3])
def test_the_interval_covers_the_truth(seed_effect):
    inferences = [infer(table) for table in draws(5, 100, seed_effect, 0.7, shift=0.5)]
    assert 0.92 <= np.mean([one.low <= 0.5 <= one.high for one in inferences]) <= 0.99


def test_seeds_alone_miss_that_users_are_the_same_in_all_of_them():
    tables = list(draws(5, 100, 0, 0.7))
    of_seeds = [infer(table.mean(axis=1, keepdims=True)).p < 0.05 for table in tables]
    assert np.mean(of_seeds) > 0.15 > 2 * np.mean([infer(table).p < 0.05 for table in tables])


@pytest.mark.parametrize(("seeds", "seed_effect"), [(1, 0), (10, 0.3)])
def test_a_detectable_difference_is_seen_four_times_out_of_five(seeds, seed_effect):
    size = np.mean([infer(table).detectable for table in draws(seeds, 100, seed_effect, 0.7)])
    seen = [infer(table).p < 0.05 for table in draws(seeds, 100, seed_effect, 0.7, shift=size)]
    assert 0.72 <= np.mean(seen) <= 0.88
