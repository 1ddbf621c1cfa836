"""The losses and the mining equal loops over single pairs."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.model.objective import bce_loss, consistency_loss, mine_hard_negatives
from tests import reference

LOGIT = st.floats(-30, 30, width=32)


@st.composite
def scored_rows(draw):
    """Logits [M][1 + N], the teacher's logits [M][N] and flips [M][N]."""
    rows, slots = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    logits = draw(st.lists(_listed(LOGIT, slots + 1), min_size=rows, max_size=rows))
    taught = draw(st.lists(_listed(LOGIT, slots), min_size=rows, max_size=rows))
    flips = draw(st.lists(_listed(st.booleans(), slots), min_size=rows, max_size=rows))
    return logits, taught, flips


def _listed(element, size):
    return st.lists(element, min_size=size, max_size=size)


@given(scored_rows())
@settings(max_examples=200, deadline=None)
def test_losses_and_mining_equal_the_reference(case):
    logits, taught, flips = case
    student, flipped = torch.tensor(logits, dtype=torch.float64), torch.tensor(flips)
    teacher = torch.tensor(taught, dtype=torch.float64)
    expected = reference.base_loss(student, flips)
    torch.testing.assert_close(bce_loss(student, flipped), expected, atol=1e-9, rtol=1e-7)
    expected = reference.consistency(student[:, 1:], teacher, flips).double()
    found = consistency_loss(student[:, 1:], teacher, flipped)
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-7)
    hard = [reference.mine(row, flip) for row, flip in zip(logits, flips)]
    assert mine_hard_negatives(student, flipped).tolist() == hard


def test_equal_logits_are_not_hard():
    logits = torch.tensor([[1.0, 1.0, 1.5]])
    assert mine_hard_negatives(logits, torch.zeros(1, 2, dtype=torch.bool)).tolist() == [
        [False, True]
    ]


def test_without_flips_the_consistency_is_zero_and_stays_in_the_graph():
    student = torch.randn(3, 4, requires_grad=True)
    none = torch.zeros(3, 4, dtype=torch.bool)
    loss = consistency_loss(student, torch.randn(3, 4), none)
    loss.backward()
    assert loss.item() == 0
    assert student.grad is not None and student.grad.abs().sum() == 0


def test_the_teacher_gets_no_gradient():
    student = torch.randn(2, 3, requires_grad=True)
    teacher = torch.randn(2, 3, requires_grad=True)
    consistency_loss(student, teacher, torch.ones(2, 3, dtype=torch.bool)).backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_consistency_is_stationary_where_the_student_agrees_with_the_teacher():
    student = torch.randn(2, 3, requires_grad=True)
    consistency_loss(student, student.detach(), torch.ones(2, 3, dtype=torch.bool)).backward()
    assert student.grad is not None
    torch.testing.assert_close(student.grad, torch.zeros(2, 3), atol=1e-7, rtol=0)
