"""Guards: what says that a candidate is probably a false negative."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.follower_counts import FollowerCounts, last_items
from recbole_fn.negatives.base import Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.duplicates import RepeatFinder
from recbole_fn.utils.errors import InputError

IsFalse = Callable[[Tensor], Tensor]
"""Which items [rows, items] of a batch are called false: a mask of their shape, bool."""
_CHUNK = 1 << 22  # counts of pairs of a row and an item that are made at a time


class MemoryGuard:
    """Calls the items false that extraction has extracted for the row.

    Args:
        context: The run, with the memory of extraction.

    Example:
        `GuardedSampler` makes it:

        >>> is_false = MemoryGuard(context)(rows, score=None)
        >>> is_false(context.uniform(rows, 5)).shape  # [rows, items]
        torch.Size([8, 5])
    """

    def __init__(self, context: SamplerContext) -> None:
        if context.memory is None:
            raise InputError(
                "fn_sampler_args: guard is 'memory', but nothing is extracted; it must be another "
                "guard, or fn_strategy one that extracts, such as flip"
            )
        self._memory, self._num_items = context.memory, context.num_items
        self._find_repeats = RepeatFinder()

    def __call__(self, rows: RowBatch, score: Score) -> IsFalse:
        """The guard of a batch."""
        owner, items, counts = self._memory.entries(rows.rows)
        extracted = counts > self._memory.flip_after
        pairs = owner[extracted] * self._num_items + items[extracted]
        first = torch.arange(len(rows.rows), device=pairs.device).unsqueeze(1) * self._num_items

        def is_false(drawn: Tensor) -> Tensor:
            return self._find_repeats(pairs, first + drawn, len(rows.rows) * self._num_items)

        return is_false


class QuantileGuard:
    """Calls the items false that score above a quantile of a uniform draw.

    Args:
        context: The run.
        quantile: The quantile.
        pool: Items in the draw, for each row.

    Example:
        Item ids are scores, and half of the items from 1 to 9 are above 5:

        >>> from types import SimpleNamespace
        >>> context = SimpleNamespace(uniform=lambda rows, num: torch.arange(1, num + 1)[None])
        >>> is_false = QuantileGuard(context, 0.5, pool=9)(None, lambda items: items.float())
        >>> is_false(torch.tensor([[5, 6]]))
        tensor([[False,  True]])
    """

    def __init__(self, context: SamplerContext, quantile: float, pool: int) -> None:
        self._context, self._quantile, self._pool = context, quantile, pool

    def __call__(self, rows: RowBatch, score: Score) -> IsFalse:
        """The guard of a batch."""
        scores = score(self._context.uniform(rows, self._pool)).float()  # [rows, pool]
        highest = torch.quantile(scores, self._quantile, dim=1, keepdim=True)  # [rows, 1]
        return lambda drawn: score(drawn) > highest


class CooccurrenceGuard:
    """Calls the items false that other users have often had soon after the row's last ones.

    Args:
        context: The run.
        least: How often, over the row's last items.
        window: Steps within which an item follows.
        depth: The row's last items that count.

    Example:
        `GuardedSampler` makes it:

        >>> is_false = CooccurrenceGuard(context, least=2, window=3, depth=5)(rows, score=None)
        >>> is_false(torch.arange(51).expand(8, 51)).sum(1)  # of all items, for each row
        tensor([ 8, 11, 13, 14, 15, 15, 17, 17])
    """

    def __init__(self, context: SamplerContext, least: int, window: int, depth: int) -> None:
        self._counts = FollowerCounts.of(context.dataset, window)
        self._last = last_items(context.dataset, depth)
        self._least = least

    def __call__(self, rows: RowBatch, score: Score) -> IsFalse:
        """The guard of a batch."""
        counts, last = self._on(rows.rows.device)
        size = max(_CHUNK // counts.num_items, 1)
        last, users = last[rows.rows].split(size), rows.users.split(size)

        def is_false(drawn: Tensor) -> Tensor:
            parts = zip(last, users, drawn.split(size), strict=True)
            found = [counts.after(ends, of, 1.0).gather(1, items) for ends, of, items in parts]
            return torch.cat(found) >= self._least

        return is_false

    def _on(self, device: torch.device) -> tuple[FollowerCounts, Tensor]:
        """The counts and the last items, moved to the device once."""
        if self._last.device != device:
            tensors: dict[str, Any] = self._counts.tensors()
            tensors = {name: value.to(device) for name, value in tensors.items()}
            self._counts, self._last = replace(self._counts, **tensors), self._last.to(device)
        return self._counts, self._last
