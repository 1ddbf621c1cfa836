"""Scores of items into which the target is mixed dimension by dimension, a few rows at a time."""

from math import log
from typing import Any

import torch
from torch import Tensor

_NUMBERS = 1 << 16  # of a part's vectors: with what is made of them they stay in a CPU's caches


class _Mixed(torch.autograd.Function):
    """Each step takes what it needs of a few rows and forgets it; backward computes it again."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, vectors: Tensor, plain: Tensor, favour: float) -> Tensor:
        ctx.save_for_backward(states, vectors, plain)
        ctx.favour = favour
        scores = states.new_empty(vectors.shape[:2])  # [rows, 1 + N]
        for rows in _parts(vectors):
            target, above, weight = _weights(states[rows], vectors[rows], plain[rows], favour)
            scores[rows, 0] = target.sum(1)
            scores[rows, 1:] = (target.unsqueeze(1) + weight * above).sum(2)
        return scores

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        states, vectors, plain = ctx.saved_tensors
        to_states, to_vectors = torch.empty_like(states), torch.empty_like(vectors)
        for rows in _parts(vectors):
            u, h, grad = states[rows].unsqueeze(1), vectors[rows], grads[0][rows].unsqueeze(2)
            _, above, weight = _weights(states[rows], h, plain[rows], ctx.favour)
            # The share of a mixture's gradient that goes to its item; the rest goes to the target.
            share = weight + weight * (1 - weight) * above  # [part, N, hidden]
            to_products = torch.empty_like(h)  # of states and vectors
            torch.mul(grad[:, 1:], share, out=to_products[:, 1:])
            to_products[:, 0] = grad.sum(1) - to_products[:, 1:].sum(1)
            to_states[rows] = (to_products * h).sum(1)
            torch.mul(to_products, u, out=to_vectors[rows])
        return to_states, to_vectors, None, None


def _parts(vectors: Tensor) -> list[slice]:
    """Some rows after the others."""
    rows, numbers = len(vectors), vectors[:1].numel()
    step = max(1, _NUMBERS // max(1, numbers)) if vectors.device.type == "cpu" else max(1, rows)
    return [slice(begin, begin + step) for begin in range(0, rows, step)]


def _weights(
    states: Tensor, vectors: Tensor, plain: Tensor, favour: float
) -> tuple[Tensor, Tensor, Tensor]:
    """By dimension: the target's product, how far an item's is above it, and the item's weight.

    The first has the shape [rows, hidden], the others [rows, N, hidden].
    """
    products = states.unsqueeze(1) * vectors  # [rows, 1 + N, hidden]
    target, above = products[:, 0], products[:, 1:] - products[:, :1]
    weight = torch.sigmoid(above - favour)
    return target, above, weight.masked_fill_(plain.unsqueeze(2), 1.0)


def mixed_by_dimension(states: Tensor, vectors: Tensor, plain: Tensor, alpha: float) -> Tensor:
    """Scores of targets and of mixtures of them with items (DINS, CIKM 2023, arXiv 2306.15905).

    In dimension d a negative is `w * h + (1 - w) * p` with `w = exp(u_d h_d) / (exp(u_d h_d) +
    alpha * exp(u_d p_d))`: the row's vector u, the item's h, the target's p. Its gradient is that
    of the formula, through w too.

    Args:
        states: Encoded rows, shape [rows, hidden].
        vectors: The vectors of each row's target and items, shape [rows, 1 + N, hidden].
        plain: Which items are not mixed, shape [rows, N], bool.
        alpha: How strongly the target is favoured, above 0.

    Returns:
        The scores, shape [rows, 1 + N]; differentiable once with respect to states and vectors.

    Example:
        >>> vectors = torch.tensor([[[9.0, 0.0], [0.0, 9.0]]])
        >>> one = torch.ones(1, 2)
        >>> mixed_by_dimension(one, vectors, torch.tensor([[False]]), alpha=1.0).round()
        tensor([[ 9., 18.]])
    """
    scores: Tensor = _Mixed.apply(states, vectors, plain, log(alpha))
    return scores
