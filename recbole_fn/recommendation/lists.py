"""The lists themselves: the best items of each history, some users at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.recommendation.exclusion import Excluded
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.selection import Asked
from recbole_fn.recommendation.top_k import top_k
from recbole_fn.utils.errors import InputError

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
        Needs a model; all its users get ten items that they have had before or not::

            plan = Plan(loaded, users_of(loaded), k=10)
            pd.concat(frames(plan))
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


def frames(plan: Plan, done: int = 0) -> Iterator[pd.DataFrame]:
    """The lists, in the order of the users, part by part.

    Args:
        plan: What is recommended to whom.
        done: Parts to leave out at the beginning.

    Yields:
        For at most `CHUNK` users, a row for each item of each list: user, rank (from 1), item and
        score. A list is shorter where fewer than k items are left.

    Example:
        Needs a model::

            next(frames(plan)).columns  # user, rank, item, score
    """
    queries = plan.asked.queries
    has_items = queries.lengths > 0
    known = has_items.nonzero().squeeze(1)
    catalogue = Catalogue.of(plan.loaded, queries.of(known)) if len(known) else None
    popularity = plan.loaded.popularity().float() if plan.popular else None
    parts = torch.arange(len(queries)).split(CHUNK)
    for part in parts[done:]:
        values, items = _buffers(len(part), min(plan.k, plan.loaded.dataset.item_num))
        for rows in _batches(queries, part, catalogue):
            index = part[rows]
            if catalogue is not None and bool(has_items[index[0]]):
                scores = catalogue.scores(queries, index).to("cpu")
            else:
                assert popularity is not None
                scores = popularity.repeat(len(rows), 1)
            values[rows], items[rows] = _best(plan, scores, index)
        yield _frame(plan, part, values, items)


def _buffers(rows: int, k: int) -> tuple[Tensor, Tensor]:
    return torch.empty(rows, k), torch.empty(rows, k, dtype=torch.long)


def _batches(queries: Queries, part: Tensor, catalogue: Catalogue | None) -> list[Tensor]:
    """Places in the part, histories of similar length together; empty ones by themselves."""
    lengths = queries.lengths[part]
    order = lengths.argsort(stable=True)
    empty = int((lengths == 0).sum())
    size = 128 if catalogue is None else catalogue.rows
    batches = [*order[:empty].split(size), *order[empty:].split(size)]
    return [rows for rows in batches if len(rows)]


def _best(plan: Plan, scores: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """The best scores and items of each row, -inf where none is left; each [rows, k]."""
    _require_no_nan(plan, scores)
    scores[:, 0] = -torch.inf
    if plan.allowed is not None:
        scores.masked_fill_(~plan.allowed, -torch.inf)
    for excluded in plan.excluded:
        scores[excluded.items_of(index)] = -torch.inf
    return top_k(scores, plan.k)


def _require_no_nan(plan: Plan, scores: Tensor) -> None:
    # The maximum of a row is NaN if any score of it is.
    if bool(scores.amax(1).isnan().any()):
        raise InputError(
            f"model {plan.loaded.config['model']!r} of {plan.loaded.name!r} scores items with NaN; "
            f"it must be one whose training did not diverge"
        )


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
