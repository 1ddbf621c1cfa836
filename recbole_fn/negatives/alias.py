"""Draws from any distribution over items in constant time a draw, exactly."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class AliasTable:
    """Columns of equal capacity, each shared by an item and its alias (Walker, 1977).

    Attributes:
        thresholds: What each item keeps of its own column, shape [num_items], int32.
        aliases: The item that has the rest of the column, shape [num_items], int32.
        capacity: The weight of a column.

    Example:
        Item 1 is three times as likely as item 2:

        >>> table = AliasTable.of(torch.tensor([0, 9, 3]), capacity=4)
        >>> draws = table.draw((1, 4000), torch.Generator().manual_seed(0))
        >>> [round(number / 1000) for number in draws.flatten().bincount().tolist()]
        [0, 3, 1]
    """

    thresholds: Tensor
    aliases: Tensor
    capacity: int

    @classmethod
    def of(cls, weights: Tensor, capacity: int) -> "AliasTable":
        """Builds a table in one pass over prefix sums (Huebschle-Schneider and Sanders, 2019).

        Light items fill the rest of their columns from heavy ones, in order. A heavy item that
        gives more than it has to spare takes what is missing from the next heavy one.

        Args:
            weights: Integers, shape [num_items], that add up to `num_items * capacity`.
            capacity: The weight of a column, at most 2**30.
        """
        light, heavy = (weights < capacity).nonzero()[:, 0], (weights >= capacity).nonzero()[:, 0]
        lacks = torch.cumsum(capacity - weights[light], 0)  # [light]
        spare = torch.cumsum(weights[heavy] - capacity, 0)  # [heavy]
        before = torch.cat([lacks.new_zeros(1), lacks])  # [1 + light]
        giver = torch.searchsorted(spare, before[:-1], right=True)  # [light], index among heavy
        thresholds, aliases = weights.clone(), torch.arange(len(weights), device=weights.device)
        aliases[light] = heavy[giver]
        given = before[torch.searchsorted(giver, torch.arange(len(heavy)).to(giver), right=True)]
        thresholds[heavy] = (capacity - (given - spare).clamp_min(0)).clamp_max(capacity)
        aliases[heavy] = torch.cat([heavy[1:], heavy[-1:]])
        return cls(thresholds.int(), aliases.int(), capacity)

    def draw(self, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
        """Draws items independently.

        Args:
            shape: Rows and draws.
            generator: Source of randomness, on the table's device.

        Returns:
            Item ids, shape `shape`, int32.
        """
        device, size = self.aliases.device, shape[0] * shape[1]
        columns = torch.empty(size, dtype=torch.int32, device=device)
        columns.random_(0, len(self.aliases), generator=generator)
        level = torch.empty_like(columns).random_(0, self.capacity, generator=generator)
        own = level < self.thresholds.index_select(0, columns)
        return torch.where(own, columns, self.aliases.index_select(0, columns)).view(shape)
