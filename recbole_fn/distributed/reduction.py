"""Means over the terms of all ranks, out of each rank's own mean."""

from typing import Any

import torch
from torch import Tensor

from recbole_fn.distributed.group import Group


class _Reported(torch.autograd.Function):
    """A value that all ranks report, with the gradient of this rank's part in it."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, factor: Tensor, value: Tensor) -> Tensor:
        ctx.factor = factor
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return grads[0] * ctx.factor, None, None


def mean_over_ranks(group: Group, own: Tensor, size: Tensor | int) -> Tensor:
    """The mean of all ranks' terms.

    PyTorch averages the gradients of the ranks. The gradient of what is returned is scaled so that
    this average is the gradient of the common mean, also where ranks have unequally many terms.

    Args:
        group: The ranks; all of them have to call.
        own: The mean of this rank's terms, a scalar.
        size: Their number, or the sum of their weights; with 0, `own` does not count.

    Returns:
        The mean, a scalar; the same to the last bit on all ranks.
    """
    if group.is_alone:
        return own
    weight = torch.as_tensor(size, device=own.device).detach().double()
    total = torch.where(weight > 0, own.detach().double() * weight, 0.0)
    totals, weights = group.gather_equal(torch.stack([total, weight])).view(-1, 2).unbind(1)
    whole = weights.sum().clamp_min(torch.finfo(weights.dtype).tiny)
    factor = (group.size * weight / whole).to(own)
    mean: Tensor = _Reported.apply(own, factor, (totals.sum() / whole).to(own))
    return mean
