"""The histories before each row, stored once and cut into padded lists on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

Index: TypeAlias = slice | Tensor | Sequence[int] | np.ndarray
"""Which rows to take."""


@dataclass(frozen=True)
class Prefixes:
    """The lists of some rows.

    Attributes:
        sources: For each list field, the values of all interactions in order, shape
            [interactions, ...].
        ends: Where each row's history ends in the sources, shape [rows].
        lengths: Items in each row's history, shape [rows].
        width: Items in a list, padding included.

    Example:
        >>> items = {"item_list": torch.tensor([7, 8, 9])}
        >>> ends, lengths = torch.tensor([1, 2]), torch.tensor([1, 2])
        >>> prefixes = Prefixes(items, ends, lengths, width=3)
        >>> prefixes.cut("item_list")
        tensor([[7, 0, 0],
                [7, 8, 0]])
    """

    sources: dict[str, Tensor]
    ends: Tensor
    lengths: Tensor
    width: int

    def cut(self, field: str) -> Tensor:
        """The lists of a field, padded with zeros on the right: shape [rows, width, ...]."""
        source, column = self.sources[field], torch.arange(self.width)
        at = (self.ends - self.lengths).unsqueeze(1) + column  # [rows, width]
        lists = source[at.clamp_(max=len(source) - 1)]  # [rows, width, ...]
        lists[column >= self.lengths.unsqueeze(1)] = 0
        return lists

    def entries(self, field: str) -> tuple[Tensor, Tensor]:
        """What the lists hold, each entry of a source once, without cutting a list.

        Args:
            field: A list field, not of a row's lists of lists.

        Returns:
            A row whose list holds the entry, and the entry's value; each of shape [entries].

        Example:
            >>> items = {"item_list": torch.tensor([7, 8, 9])}
            >>> ends, lengths = torch.tensor([1, 2]), torch.tensor([1, 2])
            >>> Prefixes(items, ends, lengths, width=3).entries("item_list")
            (tensor([1, 1]), tensor([7, 8]))
        """
        source, rows = self.sources[field], self.lengths.nonzero().squeeze(1)  # [rows with a list]
        starts, ends = (self.ends - self.lengths)[rows], self.ends[rows]
        lists = torch.zeros(len(source) + 1, dtype=torch.long)  # that begin less those that end
        lists.index_add_(0, starts, torch.ones_like(starts))
        lists.index_add_(0, ends, torch.ones_like(ends), alpha=-1)
        at = lists.cumsum(0).nonzero().squeeze(1)  # [entries]: in a list or more
        # A user's interactions lie side by side, so the last list that began is the same user's.
        begun = torch.zeros_like(source, dtype=torch.long).index_put_((starts,), starts)
        row_of = torch.zeros_like(begun).index_put_((starts,), rows)
        return row_of[begun.cummax(0).values[at]], source[at]

    def of(self, index: Index) -> "Prefixes":
        """The lists of some of the rows."""
        return replace(self, ends=self.ends[index], lengths=self.lengths[index])
