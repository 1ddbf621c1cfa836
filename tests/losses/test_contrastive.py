"""The contrastive loss equals its definition, and the softmax where nothing is corrected."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.losses import ContrastiveLoss
from recbole_fn.losses.base import LossContext
from recbole_fn.losses.contrastive import ContrastiveArgs, contrastive_loss
from recbole_fn.losses.softmax import softmax_loss
from recbole_fn.scoring.scored import Labelled
from tests.helpers.scored_rows import scored, with_gradient

TAUS, BETAS = [0.0, 0.01, 0.1, 0.9], [0.0, 0.5, 2.0]


def naive(logits, labels, valid, tau, beta, log_q):
    """The papers' formula with numbers, positive by positive."""
    total = weights = 0.0
    for scores, chances, kept, log_qs in zip(logits, labels, valid, log_q, strict=True):
        negatives = [
            (s, (1 - y) / math.exp(q))
            for s, y, k, q in zip(scores, chances, kept, log_qs, strict=True)
            if k and y < 1
        ]
        for s_p, y_p, k in zip(scores, chances, kept, strict=True):
            if not k or y_p == 0:
                continue
            others = 0.0
            if negatives:
                hard = [share * math.exp(beta * s) for s, share in negatives]
                mean = sum(w * math.exp(s) for w, (s, _) in zip(hard, negatives, strict=True))
                g = (mean / sum(hard) - tau * math.exp(s_p)) / (1 - tau)
                g = max(g, math.exp(min(s for s, _ in negatives)))
                others = sum(share for _, share in negatives) * g
            total -= y_p * math.log(math.exp(s_p) / (others + y_p * math.exp(s_p)))
            weights += y_p
    return total / weights


@st.composite
def cases(draw):
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    size = (rows, columns)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10_000)))
    scale = draw(st.sampled_from([0.0, 1.0, 10.0]))
    logits = torch.randn(size, generator=generator, dtype=torch.float64) * scale
    choices = torch.tensor([0.0, 0.0, 0.0, 0.4, 1.0], dtype=torch.float64)
    labels = choices[torch.randint(5, size, generator=generator)]
    labels[:, 0] = 1
    valid = torch.rand(size, generator=generator) < 0.7
    valid[:, 0] = True
    log_q = torch.randn(size, generator=generator, dtype=torch.float64)
    return logits, labels, valid, log_q, draw(st.sampled_from(TAUS)), draw(st.sampled_from(BETAS))


@pytest.mark.slow
@given(cases())
@settings(max_examples=200, deadline=None)
def test_it_is_the_definition(case):
    logits, labels, valid, log_q, tau, beta = case
    loss, weight = contrastive_loss(logits, labels, valid, tau, beta, log_q)
    expected = naive(*(t.tolist() for t in (logits, labels, valid)), tau, beta, log_q.tolist())
    assert loss.item() == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert weight.item() == pytest.approx((labels * valid).sum().item())


@given(cases())
@settings(max_examples=50, deadline=None)
def test_without_corrections_it_is_the_softmax(case):
    logits, labels, valid, *_ = case
    ours, theirs = (
        with_gradient(f, logits, labels, valid) for f in (contrastive_loss, softmax_loss)
    )
    assert ours[0].item() == pytest.approx(theirs[0].item(), abs=1e-9)
    torch.testing.assert_close(ours[2], theirs[2], atol=1e-9, rtol=1e-6)


@given(cases())
@settings(max_examples=50, deadline=None)
def test_its_gradient_is_finite_and_that_of_the_definition(case):
    logits, labels, valid, log_q, tau, beta = case
    _, _, gradient = with_gradient(
        lambda *scores: contrastive_loss(*scores, tau, beta, log_q), logits, labels, valid
    )
    assert torch.isfinite(gradient).all() and (gradient[~valid] == 0).all()
    _, _, single = with_gradient(
        lambda s, y, v: contrastive_loss(s, y, v, tau, beta, log_q.float()),
        (logits * 20).float(),
        labels.float(),
        valid,
    )
    assert torch.isfinite(single).all()


def test_hard_negatives_get_more_of_the_gradient():
    logits = torch.tensor([[1.0, 2.0, -1.0, 0.0]], dtype=torch.float64)
    labels = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
    plain, hard = (
        with_gradient(lambda *s, b=beta: contrastive_loss(*s, 0.0, b), logits, labels, None)[2][0]
        for beta in (0.0, 1.0)
    )
    assert hard[1] / hard[2:].abs().sum() > plain[1] / plain[2:].abs().sum()


def test_logq_weights_the_negatives():
    context = LossContext(model=None, num_items=9, neg_num=3, label_field="label", logq=0.5)
    loss = ContrastiveLoss(context, ContrastiveArgs(tau_plus=0.05, beta=0.5))
    logits, log_q = torch.randn(4, 4), torch.randn(4, 4)
    log_q[:, 0] = 0
    rows = scored(logits, torch.zeros(4, 3, dtype=torch.bool))
    rows = type(rows)(**{**vars(rows), "log_q": log_q})
    labels = rows.labels(1.0)
    expected, _ = contrastive_loss(logits, labels, None, 0.05, 0.5, 0.5 * log_q)
    assert loss.of(rows, Labelled(labels, None))[0].item() == pytest.approx(expected.item())
