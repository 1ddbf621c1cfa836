"""Means over the terms of all ranks, from the mean of each rank."""

from typing import Any

import torch
from torch import Tensor

from recbole_fn.distributed.group import Group


class _Reported(torch.autograd.Function):
    """A value common to all ranks, with the gradient of this rank's term."""

    @staticmethod
    def forward(ctx: Any, term: Tensor, factor: Tensor, value: Tensor) -> Tensor:
        ctx.factor = factor
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return grads[0] * ctx.factor, None, None


def mean_over_ranks(group: Group, rank_mean: Tensor, size: Tensor | int) -> Tensor:
    """The mean over the terms of all ranks.

    PyTorch averages the gradients of the ranks. The gradient of the result is scaled so that this
    average is the gradient of the common mean, even if ranks have different numbers of terms.

    Args:
        group: The ranks; all of them must call it.
        rank_mean: The mean over the terms of this rank, a scalar.
        size: Their number, or the sum of their weights; with 0, `rank_mean` is ignored.

    Returns:
        The mean, a scalar; bit-equal on all ranks.

    Examples:
        >>> mean_over_ranks(Group(rank=0, size=1), torch.tensor(0.5), size=3)
        tensor(0.5000)
    """
    if group.is_alone:
        return rank_mean
    weight = torch.as_tensor(size, device=rank_mean.device).detach().double()
    total = torch.where(weight > 0, rank_mean.detach().double() * weight, 0.0)
    pairs = group.gather_equal(torch.stack([total, weight])).view(-1, 2)  # [ranks, 2]
    totals, weights = pairs.unbind(1)
    sum_of_weights = weights.sum().clamp_min(torch.finfo(weights.dtype).tiny)
    factor = (group.size * weight / sum_of_weights).to(rank_mean)
    common = (totals.sum() / sum_of_weights).to(rank_mean)
    mean: Tensor = _Reported.apply(rank_mean, factor, common)
    return mean
