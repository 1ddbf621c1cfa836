"""The softmax in closed form equals its definition, to the last bit where nothing is flipped."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.losses.softmax import softmax_loss
from tests.helpers.scored_rows import with_gradient

SOFT = st.sampled_from([0.0, 0.0, 1e-30, 1e-3, 0.25, 0.5, 0.999, 1.0])


def one_by_one(logits, labels, valid):
    """The definition: a softmax for each positive, with a row of its own."""
    terms, weights = [], []
    for row, column in (labels * valid).nonzero().tolist():
        others = (1 - labels[row]) * valid[row]
        others[column] = 1
        kept = others > 0
        denominator = torch.logsumexp(logits[row][kept] + others[kept].log(), 0)
        terms.append(denominator - logits[row, column])
        weights.append(labels[row, column])
    weights = torch.stack(weights)
    return (torch.stack(terms) * weights).sum() / weights.sum(), weights.sum()


@st.composite
def soft_rows(draw):
    """Logits, labels and valid candidates of a few rows; the target's column varies."""
    rows, width = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    size = {"min_size": rows * width, "max_size": rows * width}
    logits = torch.tensor(draw(st.lists(st.floats(-30, 30), **size))).view(rows, width)
    labels = torch.tensor(draw(st.lists(SOFT, **size))).view(rows, width)
    valid = torch.tensor(draw(st.lists(st.booleans(), **size))).view(rows, width)
    columns = st.lists(st.integers(0, width - 1), min_size=rows, max_size=rows)
    targets = torch.tensor(draw(columns)).unsqueeze(1)
    return logits, labels.scatter(1, targets, 1.0), valid.scatter(1, targets, True)


@pytest.mark.slow
@given(soft_rows(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_equals_a_softmax_for_each_positive(case, all_valid):
    logits, labels, valid = (part.double() if part.is_floating_point() else part for part in case)
    valid = torch.ones_like(valid) if all_valid else valid
    ours = with_gradient(softmax_loss, logits, labels, None if all_valid else valid)
    expected = with_gradient(one_by_one, logits, labels, valid)
    torch.testing.assert_close(ours, expected, atol=1e-12, rtol=1e-9)


@pytest.mark.slow
@given(soft_rows())
@settings(max_examples=300, deadline=None)
def test_is_right_in_32_bits(case):
    """Also in a row whose others are masked or surely positive, and with tiny labels."""
    logits, labels, valid = case
    mean, weight, gradient = with_gradient(softmax_loss, logits.float(), labels.float(), valid)
    assert torch.isfinite(gradient).all()
    exact = with_gradient(one_by_one, logits.double(), labels.float().double(), valid)
    torch.testing.assert_close(mean.double(), exact[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradient.double(), exact[2], atol=1e-5, rtol=1e-4)
    assert weight == pytest.approx(exact[1])


@pytest.mark.parametrize("masks", [False, True])
@given(
    st.integers(1, 130), st.integers(2, 130), st.sampled_from([0.1, 3.0, 50.0]), st.integers(0, 99)
)
@settings(max_examples=60, deadline=None)
def test_without_flips_it_is_a_plain_softmax_to_the_last_bit(masks, rows, width, scale, seed):
    torch.manual_seed(seed)
    logits, targets = scale * torch.randn(rows, width), torch.randint(0, width, (rows,))
    labels = F.one_hot(targets, width).float()
    valid = (torch.rand(rows, width) < 0.7) | (labels > 0) if masks else None
    weights = torch.ones(rows, width) if valid is None else valid.float()

    def plain(scores, labels, valid):
        every = torch.arange(rows)
        terms = torch.logsumexp(scores[every] + weights.log(), dim=1) - scores[every, targets]
        return (terms * torch.ones(rows)).sum() / rows, rows

    ours = with_gradient(softmax_loss, logits, labels, valid)
    expected = with_gradient(plain, logits, labels, valid)
    assert torch.equal(ours[0], expected[0])
    assert torch.equal(ours[2], expected[2])


def test_the_softmax_of_all_candidates_without_flips_is_cross_entropy():
    logits = torch.randn(5, 9)
    labels = F.one_hot(torch.tensor([3, 1, 8, 2, 3]), 9).float()
    expected = F.cross_entropy(logits, labels.argmax(1))
    torch.testing.assert_close(softmax_loss(logits, labels)[0], expected)


def test_memory_does_not_grow_with_the_positives():
    logits = torch.randn(16, 65, requires_grad=True)
    largest = []
    for num_positives in (1, 60):
        labels = torch.zeros(16, 65)
        labels[:, :num_positives] = 1
        sizes = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda saved: sizes.append(saved.numel()) or saved,  # noqa: B023
            lambda saved: saved,
        ):
            softmax_loss(logits, labels)
        largest.append(max(sizes))
    assert largest == [16 * 65, 16 * 65]
