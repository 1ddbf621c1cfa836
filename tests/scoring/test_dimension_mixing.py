"""Mixtures by dimension have the scores and the gradient of the formula."""

import pytest
import torch

from recbole_fn.scoring import dimension_mixing
from recbole_fn.scoring.dimension_mixing import mixed_by_dimension


def drawn(rows=5, num=3, hidden=4):
    chance = torch.Generator().manual_seed(2)
    sizes = (rows, hidden), (rows, num + 1, hidden)
    parts = [torch.randn(size, generator=chance) for size in sizes]
    plain = torch.rand(rows, num, generator=chance) < 0.3
    assert plain.any() and not plain.all()
    return [part.double().requires_grad_() for part in parts], plain


def naive(states, vectors, plain, alpha):
    scores = torch.zeros(vectors.shape[:2], dtype=states.dtype)
    for row, (u, all_of_row) in enumerate(zip(states, vectors, strict=True)):
        p = all_of_row[0]
        scores[row, 0] = (u * p).sum()
        for slot, h in enumerate(all_of_row[1:]):
            item, target = (u * h).exp(), alpha * (u * p).exp()
            w = torch.ones_like(u) if plain[row, slot] else item / (item + target)
            scores[row, slot + 1] = (u * (w * h + (1 - w) * p)).sum()
    return scores


@pytest.mark.parametrize("numbers", [1, 33, 1 << 16])
@pytest.mark.parametrize("alpha", [0.5, 1.0, 9.5])
def test_scores_and_gradients_are_those_of_the_formula(numbers, alpha, monkeypatch):
    monkeypatch.setattr(dimension_mixing, "_NUMBERS", numbers)  # a row at a time; two; all
    (states, vectors), plain = drawn()
    scores, expected = (f(states, vectors, plain, alpha) for f in (mixed_by_dimension, naive))
    torch.testing.assert_close(scores, expected)
    weights = torch.rand(scores.shape, dtype=scores.dtype)

    def gradients(of):
        return torch.autograd.grad((of * weights).sum(), (states, vectors))

    for ours, theirs in zip(gradients(scores), gradients(expected), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_no_row_and_no_slot_have_scores():
    states, vectors = torch.ones(0, 4), torch.ones(0, 3, 4)
    assert mixed_by_dimension(states, vectors, torch.ones(0, 2).bool(), 1.0).shape == (0, 3)
    one = torch.ones(2, 4)
    scores = mixed_by_dimension(one, one.unsqueeze(1), torch.ones(2, 0).bool(), 1.0)
    assert scores.tolist() == [[4.0], [4.0]]
