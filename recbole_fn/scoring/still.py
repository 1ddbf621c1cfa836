"""Looks at a model in training without teaching it anything."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def still_statistics(model: nn.Module) -> Iterator[None]:
    """Within the context, passes without gradient leave a model's running statistics.

    In training mode a batch norm moves them at each pass, also where a sampler scores a pool that
    the loss never sees. What a pass returns is the same: it uses the statistics of its batch.

    Args:
        model: The model.

    Example:
        >>> norm = nn.BatchNorm1d(1)
        >>> with torch.no_grad(), still_statistics(norm):
        ...     _ = norm(torch.tensor([[1.0], [3.0]]))
        >>> norm.running_mean
        tensor([0.])
    """
    layers = [] if torch.is_grad_enabled() else _tracking(model)
    for layer in layers:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer in layers:
            layer.track_running_stats = True


def _tracking(model: nn.Module) -> list[_BatchNorm]:
    norms = (module for module in model.modules() if isinstance(module, _BatchNorm))
    return [norm for norm in norms if norm.training and norm.track_running_stats]
