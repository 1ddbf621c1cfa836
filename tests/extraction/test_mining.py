"""Mining equals loops over single pairs."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.extraction.mining import keep_highest, mine_hard_negatives
from tests.helpers import reference
from tests.helpers.model_rows import scored_rows


@given(scored_rows())
@settings(max_examples=100, deadline=None)
def test_mining_equals_the_reference(case):
    logits, _, flips = case
    scores, flipped = torch.tensor(logits, dtype=torch.float64), torch.tensor(flips)
    none = [False] * len(flips[0])
    hard = [reference.mine(row, flip, none) for row, flip in zip(logits, flips, strict=False)]
    assert mine_hard_negatives(scores, flipped).tolist() == hard


@given(scored_rows(), st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_the_highest_hard_negatives_are_kept(case, most):
    logits, _, flips = case
    scores, hard = torch.tensor(logits)[:, 1:], ~torch.tensor(flips)
    kept = keep_highest(hard, scores, most)
    assert not (kept & ~hard).any()
    for row in range(len(scores)):
        ranked = sorted(scores[row][hard[row]].tolist(), reverse=True)
        assert sorted(scores[row][kept[row]].tolist(), reverse=True) == ranked[:most]


def test_equal_logits_are_not_hard():
    logits = torch.tensor([[1.0, 1.0, 1.5]])
    assert mine_hard_negatives(logits, torch.zeros(1, 2, dtype=torch.bool)).tolist() == [
        [False, True]
    ]
