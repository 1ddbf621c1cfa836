"""Ranks all items for histories of one model; what that takes is prepared once."""

from collections.abc import Iterable

import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.evaluation.full_ranking import batch_rows
from recbole_fn.evaluation.top_k import top_k
from recbole_fn.recommendation.exclusion import Excluded
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.scoring import Catalogue
from recbole_fn.recommendation.screening import ScreenedTable, is_worth_it
from recbole_fn.utils.errors import InputError


class Ranker:
    """The best items of histories, with the popular ones for a history without an item.

    Args:
        loaded: The model and its data.
        queries: Histories on which the way of scoring is tried.

    Example:
        >>> queries = loaded.queries()
        >>> ranker = Ranker(loaded, queries)
        >>> scores, items = ranker.best(queries, torch.arange(8), 10, torch.tensor([0]), [queries])
        >>> items.shape
        torch.Size([8, 10])
    """

    def __init__(self, loaded: Loaded, queries: Queries) -> None:
        self.loaded = loaded
        known = queries.lengths.nonzero().squeeze(1)
        self.catalogue = Catalogue.of(loaded, queries.of(known)) if len(known) else None
        self.popularity = loaded.popularity().float()
        self.table: ScreenedTable | None = None
        on_cpu = torch.device(loaded.config["device"]).type == "cpu"
        has_vectors = self.catalogue is not None and self.catalogue.scorer is not None
        if self.catalogue and has_vectors and on_cpu and is_worth_it(loaded.dataset.item_num):
            _require_no_nan(loaded, self.catalogue.table)  # no bound holds with NaN
            self.table = ScreenedTable(self.catalogue.table)

    def batches(self, queries: Queries, part: Tensor) -> list[Tensor]:
        """Places in a part, histories of similar length together; empty ones by themselves.

        Args:
            queries: The histories.
            part: Some of them, shape [part].
        """
        lengths = queries.lengths[part]
        order, empty = lengths.argsort(stable=True), int((lengths == 0).sum())
        size = 1 if self.catalogue is None else self.catalogue.rows
        if self.table is not None:  # its scores take half the bytes
            most, num_items = self.loaded.config["eval_batch_size"], len(self.table.table)
            size = batch_rows(most, num_items // 2, on_cpu=True)
        return [
            rows
            for half in (order[:empty], order[empty:])
            for rows in half.split(size)
            if len(rows)
        ]

    def best(
        self, queries: Queries, index: Tensor, k: int, dropped: Tensor, excluded: Iterable[Excluded]
    ) -> tuple[Tensor, Tensor]:
        """The best scores and items of a batch, -inf where no item is left; each [rows, k].

        Args:
            queries: The histories.
            index: Those of the batch, all of them empty or none, shape [rows].
            k: Items of each.
            dropped: Items that nobody gets, ascending, shape [dropped].
            excluded: What some of the histories do not get.

        Raises:
            InputError: if scores are NaN.
        """
        left_out = _joined(excluded, index)
        is_empty = not int(queries.lengths[index[0]])
        if self.table is not None and self.catalogue and not is_empty:
            states = self.catalogue.states(queries, index)
            _require_no_nan(self.loaded, states)
            return self.table.best(states, k, dropped, left_out)
        if self.catalogue is None or is_empty:
            scores = self.popularity.repeat(len(index), 1)
        else:
            scores = self.catalogue.scores(queries, index).to("cpu")
        _require_no_nan(self.loaded, scores)
        scores[:, dropped] = -torch.inf
        scores[left_out] = -torch.inf
        return top_k(scores, k)


def dropped_items(allowed: Tensor | None) -> Tensor:
    """The items that nobody gets, ascending: the padding, and all that are not allowed.

    Args:
        allowed: Mask of the items that may be recommended, shape [num_items]; None for all.

    Example:
        >>> dropped_items(torch.tensor([False, True, False]))
        tensor([0, 2])
    """
    if allowed is None:
        return torch.zeros(1, dtype=torch.long)
    return (~allowed).nonzero().squeeze(1)  # the padding is not allowed


def _joined(excluded: Iterable[Excluded], index: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and items that are left out, each of shape [excluded]."""
    pairs = [one.items_of(index) for one in excluded]
    none = torch.zeros(0, dtype=torch.long)
    return (
        torch.cat([none, *(rows for rows, _ in pairs)]),
        torch.cat([none, *(items for _, items in pairs)]),
    )


def _require_no_nan(loaded: Loaded, numbers: Tensor) -> None:
    # The maximum of a row is NaN if any number of it is.
    if bool(numbers.amax(1).isnan().any()):
        raise InputError(
            f"model {loaded.config['model']!r} of {loaded.name!r} scores items with NaN; "
            f"it must be one whose training did not diverge"
        )
