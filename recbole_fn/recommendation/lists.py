"""The lists themselves: the best items of each history, some users at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.recommendation.exclusion import Excluded
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.ranking import Ranker, dropped_items
from recbole_fn.recommendation.selection import Asked

CHUNK = 4096  # users whose lists are one part of the output


@dataclass(frozen=True)
class Plan:
    """What is recommended to whom.

    Attributes:
        loaded: The model and its data.
        asked: The histories to continue.
        k: Items of a list.
        excluded: What is left out: items of histories or of tables.
        allowed: Mask of the items that may be recommended, shape [num_items]; None for all.
        popular: Whether a history without a known item gets the most popular items.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> plan = Plan(loaded, users_of(loaded), k=10)  # also what they have had
        >>> plan.num_parts(), len(pd.concat(frames(plan)))
        (1, 800)
    """

    loaded: Loaded
    asked: Asked
    k: int
    excluded: Sequence[Excluded] = ()
    allowed: Tensor | None = None
    popular: bool = False

    def num_parts(self) -> int:
        """How many parts of `CHUNK` users there are."""
        return -(-len(self.asked.queries) // CHUNK)


def frames(plan: Plan, numbers: Sequence[int] | None = None) -> Iterator[pd.DataFrame]:
    """The lists, in the order of the users, part by part.

    Args:
        plan: What is recommended to whom.
        numbers: Which parts, from 0; all by default.

    Yields:
        For at most `CHUNK` users, a row for each item of each list: user, rank (from 1), item and
        score. A list is shorter where fewer than k items are left.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> (frame,) = frames(Plan(loaded, users_of(loaded, ["u0", "u3"]), k=2))
        >>> frame[["user", "rank"]]
          user  rank
        0   u0     1
        1   u0     2
        2   u3     1
        3   u3     2
    """
    queries, dropped = plan.asked.queries, dropped_items(plan.allowed)
    ranker = Ranker(plan.loaded, queries)
    parts = torch.arange(len(queries)).split(CHUNK)
    for part in parts if numbers is None else [parts[number] for number in numbers]:
        k = min(plan.k, plan.loaded.dataset.item_num)
        values, items = torch.empty(len(part), k), torch.empty(len(part), k, dtype=torch.long)
        for rows in ranker.batches(queries, part):
            best = ranker.best(queries, part[rows], k, dropped, plan.excluded)
            values[rows], items[rows] = best
        yield _frame(plan, part, values, items)


def _frame(plan: Plan, part: Tensor, values: Tensor, items: Tensor) -> pd.DataFrame:
    is_item = values > -torch.inf  # [users, k]
    row, rank = is_item.nonzero(as_tuple=True)
    tokens: np.ndarray = plan.asked.tokens[part[row].numpy()]
    return pd.DataFrame(
        {
            "user": tokens,
            "rank": (rank + 1).numpy(),
            "item": plan.loaded.item_tokens[items[is_item].numpy()],
            "score": values[is_item].numpy(),
        }
    )
