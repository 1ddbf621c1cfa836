"""Leaves the items that a user has had before out of validation and test.

For general recommenders, RecBole leaves a user's earlier items out of the ranking. For sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD
from recbole_fn.data.pre_split import has_lists_of_files
from recbole_fn.data.split_histories import histories_of
from recbole_fn.evaluation.same_split import SameSplit
from recbole_fn.utils.recbole_types import Dataset, Interaction


class SeenItems:
    """Leaves out the items that users have had before.

    Args:
        datasets: The earlier built data sets: training, and for the test also validation.
        ranked: The built data set whose rows are ranked.

    Example:
        User 1 has had item 2 and then item 3, which the test's lists of one item have forgotten:

        >>> import torch
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction as Rows
        >>> def split(**fields):
        ...     return SimpleNamespace(
        ...         inter_feat=Rows({k: torch.tensor(v) for k, v in fields.items()}),
        ...         uid_field="user", iid_field="item", item_num=6, user_num=2,
        ...         config={"LIST_SUFFIX": "_list", "benchmark_filename": None},
        ...     )
        >>> training = split(user=[1], item=[3], item_list=[[2]])
        >>> test = split(user=[1, 1], item=[4, 5], item_list=[[3], [4]])
        >>> row = test.inter_feat[1:]
        >>> row.update(Rows({"fn_row_id": torch.tensor([1])}))  # as a loader does
        >>> SeenItems([training], test).excluded(row, targets=torch.tensor([5]))
        (tensor([0, 0, 0]), tensor([2, 3, 4]))
    """

    def __init__(self, datasets: Iterable[Dataset], ranked: Dataset) -> None:
        earlier = list(datasets)
        self.histories = histories_of(earlier)
        self._uid = earlier[0].uid_field
        self._list = earlier[0].iid_field + earlier[0].config["LIST_SUFFIX"]
        # With kinds of feedback a history is what the model reads, so the log says what was had.
        self._items_before = getattr(earlier[0], "fn_items_before", None)
        self._same_split = None
        # Rows of files need not be in the order in which users had their targets.
        if self._items_before is None and not has_lists_of_files(ranked):
            self._same_split = SameSplit(ranked)

    def excluded(self, rows: Interaction, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The user's earlier items; the target always takes part.

        Args:
            rows: Rows of validation or test that a loader has made.
            targets: The target of each row, shape [rows].

        Returns:
            For each item to leave out: the index of its row, and the item; each of shape
            [excluded].
        """
        find = self._items_before or self._of_histories
        row, items = find(rows)
        is_excluded = items != targets[row]
        return row[is_excluded], items[is_excluded]

    def _of_histories(self, rows: Interaction) -> tuple[Tensor, Tensor]:
        """What earlier splits have, the rows' lists, and earlier targets of the same split."""
        num_items, listed = self.histories.num_items, rows[self._list]
        row, items = self.histories.items_of(rows[self._uid])
        more, place = listed.nonzero(as_tuple=True)
        found = [row * num_items + items, more * num_items + listed[more, place]]
        if self._same_split is not None:
            row, items = self._same_split.before(rows[ROW_FIELD])
            found.append(row * num_items + items)
        pairs = torch.unique(torch.cat(found))
        row = torch.div(pairs, num_items, rounding_mode="floor")
        return row, pairs - row * num_items
