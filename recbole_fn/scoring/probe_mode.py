"""Prepares a model for a probe: evaluation mode, no gradients, perturbed weights."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

_SCALE = 0.05  # as large as RecBole's initial weights, so that scores keep their magnitude


@contextmanager
def probe_mode(model: nn.Module) -> Iterator[None]:
    """Evaluates the model without gradients and with perturbed weights within the context.

    A bias that is still 0, or an embedding that is still equal for all items, would hide parts
    of the model's computation from a probe. The weights are restored afterwards.

    Args:
        model: The model.

    Example:
        >>> model = nn.Linear(1, 1)
        >>> _ = nn.init.zeros_(model.bias)
        >>> with probe_mode(model):
        ...     print(model.training, bool(model.bias == 0))
        False False
        >>> model.training, bool(model.bias == 0)
        (True, True)
    """
    was_training = model.training
    model.eval()
    with ExitStack() as stack:
        stack.callback(model.train, was_training)
        stack.enter_context(torch.no_grad())
        stack.enter_context(_perturbed(model))
        yield


@contextmanager
def _perturbed(model: nn.Module) -> Iterator[None]:
    padding_rows = _padding_rows(model)
    original = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    try:
        for name, weight in model.named_parameters():
            padding = weight[padding_rows[name]].clone() if name in padding_rows else None
            weight.add_(_perturbation(weight))
            if padding is not None:
                weight[padding_rows[name]] = padding
        yield
    finally:
        for name, weight in model.named_parameters():
            weight.copy_(original[name])


def _perturbation(weight: Tensor) -> Tensor:
    """Random numbers shaped as a weight: the same each time, not from training's generator."""
    generator = torch.Generator().manual_seed(weight.numel())
    return (torch.randn(weight.shape, generator=generator) * _SCALE).to(weight)


def _padding_rows(model: nn.Module) -> dict[str, int]:
    """The padding row of each embedding, which gets no gradient, by the weight's name."""
    return {
        f"{name}.weight" if name else "weight": module.padding_idx
        for name, module in model.named_modules()
        if isinstance(module, nn.Embedding) and module.padding_idx is not None
    }
