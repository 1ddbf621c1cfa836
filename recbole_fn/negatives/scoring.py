"""How a sampler scores items with the current model."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from torch import Tensor

Score = Callable[[Tensor], Tensor]
"""The current model's scores [rows, items] of item ids [rows, items], without gradient.

A row is encoded once in a step, no matter how often its items are scored.
"""


@runtime_checkable
class VectorScore(Protocol):
    """A `Score` of a model that multiplies vectors of rows and items.

    Example:
        >>> isinstance(lambda items: items.float(), VectorScore)
        False
    """

    def __call__(self, items: Tensor) -> Tensor:
        """See `Score`."""
        ...

    def cosines(self, items: Tensor) -> Tensor:
        """Cosines of the angles between rows and items, shape [rows, items], without gradient."""
        ...
