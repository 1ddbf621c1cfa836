"""Each base loss with each treatment of extracted items equals loops over single pairs."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.extraction.candidates import Visit
from recbole_fn.model.losses import bce_loss, bpr_loss, gbce_weight, softmax_loss
from tests import reference
from tests.model.rows import scored_rows

LOSSES = {
    "bce": (bce_loss, reference.bce_loss),
    "gbce": (
        partial(bce_loss, positive_weight=0.3),
        partial(reference.bce_loss, positive_weight=0.3),
    ),
    "bpr": (bpr_loss, reference.bpr_loss),
    "softmax": (softmax_loss, reference.softmax_loss),
}


def visit_of(logits, flipped):
    """A visit as SampledCandidates makes it."""
    rows, slots = flipped.nonzero(as_tuple=True)
    targets = torch.zeros(len(logits), dtype=torch.long)
    return Visit(None, flipped.long(), flipped, logits, targets, rows, slots + 1)


def labelled(visit, taught, strategy):
    """Labels and kept candidates, as the learner makes them."""
    if strategy == "drop":
        return visit.labels(0.0), visit.without_extracted()
    extracted = torch.sigmoid(taught[visit.extracted]) if strategy == "soft" else 1.0
    return visit.labels(extracted), visit.kept


@pytest.mark.parametrize("strategy", ["flip", "soft", "drop"])
@pytest.mark.parametrize("loss", LOSSES)
@given(case=scored_rows())
@settings(max_examples=60, deadline=None)
def test_losses_equal_loops_over_pairs(loss, strategy, case):
    logits, taught, flips = case
    student = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    teacher, flipped = torch.tensor(taught, dtype=torch.float64), torch.tensor(flips)
    ours, naive = LOSSES[loss]
    found = ours(student, *labelled(visit_of(student, flipped), teacher, strategy))
    rows = [reference.labels(flip, t, strategy) for flip, t in zip(flips, taught)]
    expected = torch.as_tensor(naive(student, rows), dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-8, rtol=1e-6)
    (gradient,) = torch.autograd.grad(found, student)
    assert torch.isfinite(gradient).all()
    if expected.requires_grad:
        (wanted,) = torch.autograd.grad(expected, student)
        torch.testing.assert_close(gradient, wanted, atol=1e-8, rtol=1e-5)


def test_the_softmax_of_all_candidates_without_flips_is_cross_entropy():
    logits = torch.randn(5, 9)
    labels = F.one_hot(torch.tensor([3, 1, 8, 2, 3]), 9).float()
    expected = F.cross_entropy(logits, labels.argmax(1))
    torch.testing.assert_close(softmax_loss(logits, labels), expected)


def test_uncalibrated_gbce_is_bce_and_fully_calibrated_has_the_share_as_exponent():
    assert gbce_weight(100, 1000, 0.0) == pytest.approx(1)
    assert gbce_weight(99, 100, 0.75) == pytest.approx(1)  # all negatives are drawn
    assert gbce_weight(100, 1001, 1.0) == pytest.approx(0.1)
    assert gbce_weight(100, 1001, 0.75) == pytest.approx(0.1 * 0.75 * (1 - 10) + 1)


@given(st.floats(-8, 8), st.integers(1, 50), st.integers(60, 500))
@settings(max_examples=50, deadline=None)
def test_fully_calibrated_gbce_recovers_the_probability(logit, drawn, num_items):
    """With t = 1 the best score of an item is the logit of its true chance (gSASRec, theorem)."""
    chance = 1 / (1 + math.exp(-logit))
    beta = gbce_weight(drawn, num_items, 1.0)
    score = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
    share = drawn / (num_items - 1)
    positive, negative = torch.tensor([[1.0]]), torch.tensor([[0.0]])
    expected = chance * bce_loss(score.view(1, 1), positive.double(), positive_weight=beta) + (
        1 - chance
    ) * share * bce_loss(score.view(1, 1), negative.double(), positive_weight=beta)
    expected.backward()
    assert abs(score.grad.item()) < 1e-9
