"""The lists themselves: the best items of each history, some users at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.evaluation.full_ranking import batch_rows
from recbole_fn.recommendation.exclusion import Excluded
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.screening import ScreenedTable, is_worth_it
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
    ranker = _Ranker(plan)
    for part in torch.arange(len(plan.asked.queries)).split(CHUNK)[done:]:
        k = min(plan.k, plan.loaded.dataset.item_num)
        values, items = torch.empty(len(part), k), torch.empty(len(part), k, dtype=torch.long)
        for rows in ranker.batches(part):
            values[rows], items[rows] = ranker.best(part[rows])
        yield _frame(plan, part, values, items)


class _Ranker:
    """Ranks items for some queries at a time.

    Args:
        plan: What is recommended to whom.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.queries = plan, plan.asked.queries
        self.lengths = self.queries.lengths
        known, num_items = self.lengths.nonzero().squeeze(1), plan.loaded.dataset.item_num
        self.catalogue = Catalogue.of(plan.loaded, self.queries.of(known)) if len(known) else None
        self.dropped = torch.zeros(1, dtype=torch.long)
        if plan.allowed is not None:
            self.dropped = (~plan.allowed).nonzero().squeeze(1)  # the padding is not allowed
        self.popularity = plan.loaded.popularity().float()
        self.table: ScreenedTable | None = None
        on_cpu = torch.device(plan.loaded.config["device"]).type == "cpu"
        if self.catalogue and self.catalogue.scorer and on_cpu and is_worth_it(num_items):
            _require_no_nan(plan, self.catalogue.table)  # no bound holds with NaN
            self.table = ScreenedTable(self.catalogue.table)

    def batches(self, part: Tensor) -> list[Tensor]:
        """Places in a part, histories of similar length together; empty ones by themselves."""
        lengths = self.lengths[part]
        order, empty = lengths.argsort(stable=True), int((lengths == 0).sum())
        size = 1 if self.catalogue is None else self.catalogue.rows
        if self.table is not None:  # its scores take half the bytes
            most, num_items = self.plan.loaded.config["eval_batch_size"], len(self.table.table)
            size = batch_rows(most, num_items // 2, on_cpu=True)
        return [
            rows
            for half in (order[:empty], order[empty:])
            for rows in half.split(size)
            if len(rows)
        ]

    def best(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The best scores and items of some queries, -inf where none is left; each [rows, k]."""
        pairs = [one.items_of(index) for one in self.plan.excluded]
        none = torch.zeros(0, dtype=torch.long)
        excluded = (
            torch.cat([none, *(rows for rows, _ in pairs)]),
            torch.cat([none, *(items for _, items in pairs)]),
        )
        if self.table is not None and self.catalogue and int(self.lengths[index[0]]):
            states = self.catalogue.states(self.queries, index)
            _require_no_nan(self.plan, states)
            return self.table.best(states, self.plan.k, self.dropped, excluded)
        scores = self._scores(index)
        _require_no_nan(self.plan, scores)
        scores[:, self.dropped] = -torch.inf
        scores[excluded] = -torch.inf
        return top_k(scores, self.plan.k)

    def _scores(self, index: Tensor) -> Tensor:
        if self.catalogue is None or not int(self.lengths[index[0]]):
            return self.popularity.repeat(len(index), 1)
        return self.catalogue.scores(self.queries, index).to("cpu")


def _require_no_nan(plan: Plan, numbers: Tensor) -> None:
    # The maximum of a row is NaN if any number of it is.
    if bool(numbers.amax(1).isnan().any()):
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
