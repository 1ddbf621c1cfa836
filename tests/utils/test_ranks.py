"""Ranks of items equal a sorted list."""

import math

import pytest
import torch

from recbole_fn.utils.ranks import rank_of


@pytest.mark.parametrize("levels", [None, 3, 1], ids=["no ties", "three levels", "all equal"])
def test_a_rank_is_a_place_in_the_sorted_list(levels):
    scores = torch.randn(150, 40)
    if levels is not None:
        scores = torch.randint(levels, (150, 40)).float()
    rows, items = torch.arange(150).flip(0), torch.randint(40, (150,))
    expected = []
    for row, item in zip(rows.tolist(), items.tolist(), strict=True):
        order = sorted((-score, one) for one, score in enumerate(scores[row].tolist()))
        expected.append(1 + [one for _, one in order].index(item))
    assert rank_of(scores, rows, items).tolist() == expected


def test_what_is_no_number_is_no_hit():
    scores = torch.tensor([[math.nan, 0.5, math.nan, -math.inf]])
    ranks = rank_of(scores, torch.zeros(4, dtype=torch.long), torch.arange(4))
    assert ranks.tolist() == [4, 3, 4, 4]
