"""Dot products of each row with its own candidates, with a cheap gradient for the embedding."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


class _CandidateDot(torch.autograd.Function):
    """Scores [M, C] of states [M, H] and rows [M, C] of an embedding table [num_items, H].

    PyTorch's own backward of the look-up first spells out a gradient [M, C, H] and then adds
    it up item by item, which costs more than all the rest of a training step on a CPU. Here
    both gradients are weighted sums of vectors, which `embedding_bag` adds up as it reads them.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, table: Tensor, candidates: Tensor) -> Tensor:
        ctx.save_for_backward(states, table, candidates)
        return torch.bmm(F.embedding(candidates, table), states.unsqueeze(2)).squeeze(2)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        states, table, candidates = ctx.saved_tensors
        weights = grads[0].contiguous()  # [M, C]
        to_states = F.embedding_bag(candidates, table, mode="sum", per_sample_weights=weights)
        items, order = torch.sort(candidates.reshape(-1))
        bags = torch.searchsorted(items, torch.arange(len(table), device=items.device))
        to_table = F.embedding_bag(
            torch.div(order, candidates.shape[1], rounding_mode="floor"),
            states,
            bags,
            mode="sum",
            per_sample_weights=weights.reshape(-1)[order],
        )
        return to_states, to_table, None


def candidate_dot(states: Tensor, table: Tensor, candidates: Tensor) -> Tensor:
    """Scores each row's candidates by a dot product.

    Args:
        states: Encoded rows, shape [M, H].
        table: Item embeddings, shape [num_items, H].
        candidates: Item ids, shape [M, C].

    Returns:
        Scores, shape [M, C]; differentiable once with respect to states and table.
    """
    scores: Tensor = _CandidateDot.apply(states.to(table.dtype), table, candidates)
    return scores
