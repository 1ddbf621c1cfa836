"""Binary cross entropy to its last bit, and its calibration."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import recbole_fn
from recbole_fn.config.components import Choice
from recbole_fn.losses import LOSSES
from recbole_fn.losses.base import CandidateLoss, LossContext
from recbole_fn.losses.bce import bce_loss
from recbole_fn.losses.gbce import GBCEArgs, GBCELoss, gbce_weight
from tests.helpers.scored_rows import CONTEXT, with_gradient


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_without_a_mask_it_is_pytorchs_mean_to_the_last_bit(weight):
    torch.manual_seed(0)
    logits, labels = 5 * torch.randn(37, 11), (torch.rand(37, 11) < 0.3).float()

    def plain(scores, labels, valid):
        of_positives = None if weight == 1 else torch.tensor(weight)
        mean = F.binary_cross_entropy_with_logits(scores, labels, pos_weight=of_positives)
        return 2 * mean, labels.numel()

    ours = with_gradient(lambda *case: bce_loss(*case, weight), logits, labels, None)
    expected = with_gradient(plain, logits, labels, None)
    assert all(
        torch.equal(*map(torch.as_tensor, pair)) for pair in zip(ours, expected, strict=False)
    )


@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_with_a_mask_it_is_the_mean_of_what_is_left(weight):
    torch.manual_seed(0)
    logits, labels, valid = torch.randn(37, 11), torch.rand(37, 11), torch.rand(37, 11) < 0.6
    ours = with_gradient(lambda *case: bce_loss(*case, weight), logits, labels, valid)
    picked = with_gradient(
        lambda s, y, v: bce_loss(s[v], y[v], None, weight), logits, labels, valid
    )
    torch.testing.assert_close(ours, picked)


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
    expected = (
        chance * bce_loss(score.view(1, 1), positive.double(), None, beta)[0]
        + (1 - chance) * share * bce_loss(score.view(1, 1), negative.double(), None, beta)[0]
    )
    expected.backward()
    assert abs(score.grad.item()) < 1e-9


def test_the_calibration_is_an_argument_that_has_an_older_key():
    choice = Choice("fn_loss", CandidateLoss, LOSSES)
    assert choice.read_args(GBCELoss, None, {"fn_gbce_t": 0.25}) == GBCEArgs(0.25)
    assert choice.read_args(GBCELoss, {"t": 1}, {"fn_gbce_t": 0.25}) == GBCEArgs(1)
    with pytest.raises(recbole_fn.InputError, match=r"t is 1\.5.*a number from 0 to 1"):
        choice.read_args(GBCELoss, {"t": 1.5}, {"fn_gbce_t": 0.25})


def test_gbce_weighs_by_the_negatives_and_the_catalogue_of_the_run():
    loss = GBCELoss(CONTEXT, GBCEArgs(0.5))  # 100 negatives, 1001 items and the padding
    assert loss.positive_weight == gbce_weight(100, 1001, 0.5)
    logits, labels = torch.randn(3, 4), torch.eye(3, 4)
    expected = bce_loss(logits, labels, None, loss.positive_weight)
    assert loss.weighted_mean(logits, labels, None) == expected


def test_gbce_of_the_whole_catalogue_is_refused():
    with pytest.raises(recbole_fn.InputError, match="fn_neg_num is 'all'.*gbce"):
        GBCELoss(LossContext(None, 9, None, "label"), GBCEArgs())
