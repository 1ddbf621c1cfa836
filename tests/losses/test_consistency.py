"""Consistency equals a loop over single pairs."""

import torch
from hypothesis import given, settings

from recbole_fn.losses.consistency import consistency_loss
from tests.helpers import reference
from tests.helpers.model_rows import scored_rows


@given(scored_rows())
@settings(max_examples=100, deadline=None)
def test_equals_the_reference(case):
    logits, taught, flips = case
    student, flipped = torch.tensor(logits, dtype=torch.float64), torch.tensor(flips)
    teacher = torch.tensor(taught, dtype=torch.float64)
    expected = reference.consistency(student[:, 1:], teacher, flips).double()
    loss, number = consistency_loss(student[:, 1:][flipped], teacher[flipped])
    torch.testing.assert_close(loss, expected, atol=1e-9, rtol=1e-7)
    assert number == flipped.sum()


def test_without_flips_the_consistency_is_zero_and_stays_in_the_graph():
    student = torch.randn(3, 4, requires_grad=True)
    none = torch.zeros(3, 4, dtype=torch.bool)
    loss, number = consistency_loss(student[none], torch.zeros(0))
    loss.backward()
    assert (loss.item(), number) == (0, 0)
    assert student.grad is not None and student.grad.abs().sum() == 0


def test_the_teacher_gets_no_gradient():
    student = torch.randn(6, requires_grad=True)
    teacher = torch.randn(6, requires_grad=True)
    consistency_loss(student, teacher)[0].backward()
    assert teacher.grad is None
    assert student.grad is not None


def test_consistency_is_stationary_where_the_student_agrees_with_the_teacher():
    student = torch.randn(6, requires_grad=True)
    consistency_loss(student, student.detach())[0].backward()
    assert student.grad is not None
    torch.testing.assert_close(student.grad, torch.zeros(6), atol=1e-7, rtol=0)


def test_scores_of_16_bits_are_compared_in_32():
    student, teacher = torch.randn(300).bfloat16(), torch.randn(300).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, _ = consistency_loss(student, teacher)
    assert torch.equal(loss, consistency_loss(student.float(), teacher.float())[0])
