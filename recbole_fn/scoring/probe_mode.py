"""The state in which a model is tried: evaluating, and with weights that hide nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

_NOISE = 0.05  # as large as RecBole's initial weights, so that scores stay of their size


@contextmanager
def probe_mode(model: Any) -> Iterator[None]:
    """Within the context, the model evaluates without gradients and with noisy weights.

    A bias that is still 0, or an embedding that is still equal for all items, would hide that
    a model does more than the trial shows; noise brings it out. The weights are put back.
    """
    was_training = model.training
    model.eval()
    with ExitStack() as stack:
        stack.callback(model.train, was_training)
        stack.enter_context(torch.no_grad())
        stack.enter_context(_noisy(model))
        yield


@contextmanager
def _noisy(model: nn.Module) -> Iterator[None]:
    never_trained = _padding_rows(model)
    given = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    try:
        for name, weight in model.named_parameters():
            padding = weight[never_trained[name]].clone() if name in never_trained else None
            weight.add_(_noise_like(weight))
            if padding is not None:
                weight[never_trained[name]] = padding
        yield
    finally:
        for name, weight in model.named_parameters():
            weight.copy_(given[name])


def _noise_like(weight: Tensor) -> Tensor:
    """The same noise each time, without touching the random numbers of training."""
    generator = torch.Generator().manual_seed(weight.numel())
    noise = torch.randn(weight.shape, generator=generator) * _NOISE
    return noise.to(weight)


def _padding_rows(model: nn.Module) -> dict[str, int]:
    """The rows of embeddings that get no gradient, by the weights' names."""
    return {
        f"{name}.weight" if name else "weight": module.padding_idx
        for name, module in model.named_modules()
        if isinstance(module, nn.Embedding) and module.padding_idx is not None
    }
