"""Moves of ranks equal a loop over test rows."""

import math

import numpy as np
import pytest

from recbole_fn.report.rank_moves import moves
from tests.helpers.report_folder import ROWS, job, ranks

BOUNDS = [(1, 1), (2, 3), (4, 10), (11, 30), (31, 100), (101, 300), (301, 10**9)]
SEEDS = (0, 1)


def drawn(seed):
    return np.random.default_rng(seed).integers(1, 400, ROWS)


def jobs(variant, first):
    """Jobs whose ranks are drawn, those of the main ranking with other numbers."""
    return [
        job(
            variant,
            seed,
            target_ranks=ranks(ranks=drawn(first + seed), also={"uni100": drawn(9 + first + seed)}),
        )
        for seed in SEEDS
    ]


@pytest.mark.parametrize(("ranking", "shift"), [("", 0), ("uni100", 9)])
def test_moves_equal_a_loop(ranking, shift):
    found = moves(jobs("flip", 20), jobs("off", 40), ranking)
    assert len(found) == len(BOUNDS)
    for (low, high), move in zip(BOUNDS, found, strict=True):
        rows = []
        for row in range(ROWS):
            each = [
                int(low <= drawn(shift + 20 + seed)[row] <= high)
                - int(low <= drawn(shift + 40 + seed)[row] <= high)
                for seed in SEEDS
            ]
            rows.append(sum(each) / len(SEEDS))
        assert move.mean == pytest.approx(np.mean(rows), abs=1e-12)
        assert move.error == pytest.approx(2 * np.std(rows, ddof=1) / math.sqrt(ROWS))
    assert sum(move.mean for move in found) == pytest.approx(0, abs=1e-12)


def test_rows_that_differ_and_missing_rankings_have_no_moves():
    others = [job("off", 0, target_ranks=ranks(users=np.arange(100, 100 + ROWS).astype(str)))]
    assert moves([job("flip", 0)], others, "") == []
    assert moves([job("flip", 0)], [job("off", 0)], "uni100") == []
