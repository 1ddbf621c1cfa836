"""Leaves the items that a user has had before out of validation and test.

For general recommenders, RecBole leaves a user's earlier items out of the ranking. For sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from recbole_fn.data.split_histories import histories_of
from recbole_fn.utils.recbole_types import Dataset, Interaction


class SeenItems:
    """Leaves out the items that users have had before.

    Args:
        datasets: The earlier built data sets: training, and for the test also validation.

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction as Rows
        >>> fields = {"user": [1], "item": [3], "item_list": [[2, 0]]}
        >>> training = SimpleNamespace(
        ...     inter_feat=Rows({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ...     item_num=5, user_num=2,
        ... )
        >>> row = Rows({"user": torch.tensor([1]), "item_list": torch.tensor([[2, 0]])})
        >>> SeenItems([training]).excluded(row, targets=torch.tensor([4]))
        (tensor([0, 0]), tensor([2, 3]))
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        earlier = list(datasets)
        self.histories = histories_of(earlier)
        self._uid = earlier[0].uid_field
        self._list = earlier[0].iid_field + earlier[0].config["LIST_SUFFIX"]
        # With kinds of feedback a history is what the model reads, so the log says what was had.
        self._items_before = getattr(earlier[0], "fn_items_before", None)

    def excluded(self, rows: Interaction, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The user's earlier items; the target always takes part.

        Args:
            rows: Rows of validation or test.
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
        """A row's history has targets of the same split too, where a user has several in it."""
        num_items, listed = self.histories.num_items, rows[self._list]
        row, items = self.histories.items_of(rows[self._uid])
        more, place = listed.nonzero(as_tuple=True)
        pairs = torch.cat([row * num_items + items, more * num_items + listed[more, place]])
        pairs = torch.unique(pairs)
        row = torch.div(pairs, num_items, rounding_mode="floor")
        return row, pairs - row * num_items
