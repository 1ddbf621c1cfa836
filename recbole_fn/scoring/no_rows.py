"""The rows of a process without any in a step."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class NoRows:
    """The rows of a process with an empty shard of a batch; its model does not run.

    Attributes:
        num_items: Size of the catalogue, the padding id included.
        device: The model's device.

    Example:
        >>> NoRows(num_items=9, device=torch.device("cpu")).catalogue().shape
        torch.Size([0, 9])
    """

    num_items: int
    device: torch.device

    def score(self, items: Tensor) -> Tensor:
        """Scores of no row, shape [0, items]."""
        return torch.zeros(0, items.shape[1], device=self.device)

    def cosines(self, items: Tensor) -> Tensor:
        """Cosines of no row, shape [0, items]."""
        return self.score(items)

    def vectors(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors of no row, shape [0, 1] and [0, items, 1]."""
        return self.score(items[:, :1]), self.score(items).unsqueeze(2)

    def catalogue(self) -> Tensor:
        """Scores of no row, shape [0, num_items]."""
        return torch.zeros(0, self.num_items, device=self.device)

    def select(self, rows: slice) -> "NoRows":
        """The same: no rows."""
        return self
