"""Gains by group equal a loop over test rows."""

import math

import numpy as np
import pytest

from recbole_fn.report.group_lift import group_bounds, grouped, lift_pictures, lifted_metrics
from tests.helpers.report_folder import ROWS, job, ranks

BASELINE = [job("off", seed) for seed in (0, 1)]
FLIP = [job("flip", seed, target_ranks=ranks(shift=1 + seed)) for seed in (0, 1, 2)]


def ndcg(rank):
    return 1 / math.log2(1 + rank) if rank <= 10 else 0.0


def looped(low, high, field):
    """Gains of the rows whose value is in a group, over the seeds that both have."""
    found = []
    for row in range(ROWS):
        if low <= getattr(ranks(), field)[row] <= high:
            differences = [
                ndcg(FLIP[seed].target_ranks.ranks[row])
                - ndcg(BASELINE[seed].target_ranks.ranks[row])
                for seed in (0, 1)
            ]
            found.append(sum(differences) / 2)
    return found


@pytest.mark.parametrize(
    ("field", "groups"),
    [
        ("popularity", [(0, 3), (4, 7), (8, 11), (12, 15), (16, 19)]),
        ("history_lengths", [(1, 1), (2, 2), (3, 3)]),
    ],
)
def test_lifts_equal_a_loop(field, groups):
    found = grouped(FLIP, BASELINE, "ndcg@10", field)
    assert [gain.label for gain in found] == [
        f"{low}" if low == high else f"{low} to {high}" for low, high in groups
    ]
    for gain, (low, high) in zip(found, groups, strict=False):
        rows = looped(low, high, field)
        assert gain.rows == len(rows) and gain.mean == pytest.approx(np.mean(rows))
        error = 2 * np.std(rows, ddof=1) / math.sqrt(len(rows))
        assert gain.error == pytest.approx(error)


def test_the_baseline_has_no_bar_and_others_stand_by_name():
    for picture in lift_pictures(
        {"off": BASELINE, "flip": FLIP, "later": [job("later", 9)]}, "off"
    ):
        (bars,) = picture.figure.data
        assert bars.name == "flip"


def test_variants_with_lists_of_other_lengths_have_the_groups_of_the_baseline():
    lengths = 1 + np.arange(ROWS)
    variants = {
        name: [job(name, 0, target_ranks=ranks(history_lengths=np.minimum(lengths, longest)))]
        for name, longest in (("short", 9), ("off", 99), ("cut", 20))
    }
    picture = lift_pictures(variants, "off")[1]
    labels = [[f"{n + 1} to {n + 8}" for n in range(0, ROWS, 8)]] * 2
    assert [list(bars.x) for bars in picture.figure.data] == labels
    assert [list(bars.customdata) for bars in picture.figure.data] == [[8] * 5] * 2


def test_rows_that_differ_are_not_compared():
    other = ranks(users=np.arange(ROWS)[::-1].astype(str))
    assert grouped([job("flip", 0, target_ranks=other)], BASELINE, "ndcg@10", "popularity") == []
    assert grouped([job("flip", 0, target_ranks=None)], BASELINE, "ndcg@10", "popularity") == []


@pytest.mark.parametrize("values", [[3], [2, 2, 2], [1, 1, 1, 1, 1, 1, 5], list(range(100))])
def test_every_value_is_in_one_group(values):
    bounds = group_bounds(np.array(values))
    assert bounds[0] == min(values) and bounds[-1] > max(values) and (np.diff(bounds) > 0).all()
    assert len(bounds) <= 6


@pytest.mark.parametrize(
    ("numbers", "lows"),
    [
        ({19: 20, 28: 20, 49: 1, 50: 59}, [19, 28, 49]),  # 49 alone would be a group of one row
        ({19: 20, 28: 12, 50: 68}, [19, 28, 50]),
        ({1: 95, 2: 5}, [1]),
        ({1: 85, 2: 15}, [1, 2]),
    ],
)
def test_no_group_is_small(numbers, lows):
    values = np.repeat(list(numbers), list(numbers.values()))
    assert group_bounds(values).tolist() == [*lows, max(numbers) + 1]


def test_a_metric_that_no_rank_tells_gives_way():
    assert lifted_metrics({"off": [job("off", 0, valid_metric="mrr@5")]}) == ["mrr@5"]
    assert lifted_metrics({"off": [job("off", 0, valid_metric="gauc")]}) == ["ndcg@10"]


def test_each_ranking_has_its_gains():
    also = {"uni9": ranks(shift=3).ranks}
    test = {"ndcg@10": 0.1, "ndcg@10/uni9": 0.2}
    variants = {
        "off": [job("off", 0, test=test, target_ranks=ranks(also=also))],
        "flip": [job("flip", 0, test=test, target_ranks=ranks(shift=1, also=also))],
    }
    titles = [picture.title for picture in lift_pictures(variants, "off")]
    assert len(titles) == len(set(titles)) == 4
    same = grouped(variants["flip"], variants["off"], "ndcg@10/uni9", "popularity")
    assert [lift.mean for lift in same] == [0] * len(same) and len(same) > 1
    other = grouped(variants["flip"], variants["off"], "ndcg@10", "popularity")
    assert any(lift.mean != 0 for lift in other)
