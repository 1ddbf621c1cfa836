"""Each base loss with each treatment of extracted items equals loops over single pairs."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.config.components import Choice
from recbole_fn.losses import LOSSES
from recbole_fn.losses.base import CandidateLoss
from recbole_fn.losses.bce import BCELoss
from recbole_fn.losses.bpr import BPRLoss
from recbole_fn.losses.gbce import GBCEArgs, GBCELoss
from recbole_fn.losses.softmax import SoftmaxLoss
from recbole_fn.scoring.scored import Labelled
from tests.helpers import reference
from tests.helpers.model_rows import scored_rows
from tests.helpers.scored_rows import CONTEXT, labelled, scored, with_gradient

GBCE = GBCELoss(CONTEXT, GBCEArgs(0.75))
PAIRED = {
    "bce": (BCELoss(CONTEXT, BCELoss.Args()), reference.bce_loss),
    "gbce": (GBCE, partial(reference.bce_loss, positive_weight=GBCE.positive_weight)),
    "bpr": (BPRLoss(CONTEXT, BPRLoss.Args()), reference.bpr_loss),
    "softmax": (SoftmaxLoss(CONTEXT, SoftmaxLoss.Args()), reference.softmax_loss),
}


def hidden(draw, flips):
    """Some slots that take no part, as those that repeat an item."""
    return [[draw(st.booleans()) for _ in row] for row in flips]


def as_read(rows, hides):
    """The reference's rows of labels, where what takes no part has none."""
    pairs = zip(rows, hides, strict=False)
    return [[None if hide else label for label, hide in zip(*pair, strict=False)] for pair in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("hides_some", [False, True])
@pytest.mark.parametrize("strategy", ["flip", "soft", "drop"])
@pytest.mark.parametrize("loss", PAIRED)
@given(case=scored_rows(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_losses_equal_loops_over_pairs(loss, strategy, hides_some, case, data):
    logits, taught, flips = case
    student = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    teacher, flipped = torch.tensor(taught, dtype=torch.float64), torch.tensor(flips)
    valid, labels = (
        None,
        [reference.labels(f, t, strategy) for f, t in zip(flips, taught, strict=False)],
    )
    if hides_some:
        hides = hidden(data.draw, flips)
        labels = as_read(labels, hides)
        valid = torch.tensor([[True, *(not hide for hide in row)] for row in hides])
    ours, naive = PAIRED[loss]
    rows = scored(student, flipped, valid)
    value, _ = ours.of(rows, labelled(rows, teacher, strategy))
    expected = torch.as_tensor(naive(student, labels), dtype=torch.float64)
    torch.testing.assert_close(value, expected, atol=1e-8, rtol=1e-6)
    (gradient,) = torch.autograd.grad(value, student)
    assert torch.isfinite(gradient).all()
    if expected.requires_grad:
        (wanted,) = torch.autograd.grad(expected, student)
        torch.testing.assert_close(gradient, wanted, atol=1e-8, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["flip", "soft", "drop"])
@pytest.mark.parametrize("loss", PAIRED)
@given(case=scored_rows(), cut=st.integers(0, 4))
@settings(max_examples=30, deadline=None)
def test_means_of_parts_weigh_their_weights(loss, strategy, case, cut):
    """The mean over all rows is that of two parts: what several processes rely on."""
    logits, taught, flips = (torch.tensor(part) for part in case)
    rows = scored(logits.double(), flips)
    labels = labelled(rows, taught.double(), strategy)
    whole, weight = PAIRED[loss][0].of(rows, labels)
    sums, weights = 0.0, 0.0
    for part in (slice(None, cut), slice(cut, None)):
        if len(logits[part]):
            valid = None if labels.valid is None else labels.valid[part]
            mean, size = PAIRED[loss][0].weighted_mean(
                logits[part].double(), labels.labels[part], valid
            )
            sums, weights = sums + float(mean) * float(size), weights + float(size)
    assert weights == pytest.approx(float(weight))
    assert sums == pytest.approx(float(whole) * float(weight), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("loss", PAIRED)
def test_scores_of_16_bits_are_compared_in_32(loss, half):
    torch.manual_seed(0)
    logits, flipped = torch.randn(5, 9).to(half), torch.rand(5, 8) < 0.3
    log_q, rows = torch.rand(5, 9), scored(logits, flipped)
    object.__setattr__(rows, "log_q", log_q)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value, _ = PAIRED[loss][0].of(rows, Labelled(rows.labels(1.0), None))
    expected, _ = PAIRED[loss][0].weighted_mean(
        logits.float() - log_q, rows.labels(1.0).float(), None
    )
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected, atol=0, rtol=0)


@pytest.mark.parametrize("loss", PAIRED)
def test_where_nothing_takes_part_the_loss_is_0_and_weighs_nothing(loss):
    nothing = torch.zeros(2, 3, dtype=torch.bool)
    labels = torch.tensor([[1.0, 0, 0], [1, 1, 0]])
    mean, weight, gradient = with_gradient(
        PAIRED[loss][0].weighted_mean, torch.randn(2, 3), labels, nothing
    )
    assert (float(mean), weight) == (0, 0)
    assert torch.equal(gradient, torch.zeros(2, 3))


def test_names_and_kinds():
    kinds = {loss.name: (loss.is_relative, loss.normalises) for loss in LOSSES}
    assert kinds == {
        "bce": (False, False),
        "gbce": (False, False),
        "bpr": (True, False),
        "softmax": (True, True),
        "cross_entropy": (True, True),
        "contrastive": (True, True),
        "model": (True, False),
    }
    choice = Choice("fn_loss", CandidateLoss, LOSSES)
    assert all(choice.find(loss.name) is loss for loss in LOSSES)
