"""Mining and consistency equal loops over single pairs."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.model.objective import consistency_loss, keep_highest, mine_hard_negatives
from tests import reference
from tests.model.rows import scored_rows


@given(scored_rows())
@settings(max_examples=100, deadline=None)
def test_mining_and_consistency_equal_the_reference(case):
    logits, taught, flips = case
    student, flipped = torch.tensor(logits, dtype=torch.float64), torch.tensor(flips)
    teacher = torch.tensor(taught, dtype=torch.float64)
    expected = reference.consistency(student[:, 1:], teacher, flips).double()
    found = consistency_loss(student[:, 1:][flipped], teacher[flipped])
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-7)
    hard = [reference.mine(row, flip) for row, flip in zip(logits, flips)]
    assert mine_hard_negatives(student, flipped).tolist() == hard


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


def test_without_flips_the_consistency_is_zero_and_stays_in_the_graph():
    student = torch.randn(3, 4, requires_grad=True)
    loss = consistency_loss(student[torch.zeros(3, 4, dtype=torch.bool)], torch.zeros(0))
    loss.backward()
    assert loss.item() == 0
    assert student.grad is not None and student.grad.abs().sum() == 0


def test_the_teacher_gets_no_gradient():
    student = torch.randn(6, requires_grad=True)
    teacher = torch.randn(6, requires_grad=True)
    consistency_loss(student, teacher).backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_consistency_is_stationary_where_the_student_agrees_with_the_teacher():
    student = torch.randn(6, requires_grad=True)
    consistency_loss(student, student.detach()).backward()
    assert student.grad is not None
    torch.testing.assert_close(student.grad, torch.zeros(6), atol=1e-7, rtol=0)
