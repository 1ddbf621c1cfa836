"""Leaves the items that a user has had before out of validation and test.

For general recommenders, RecBole leaves a user's earlier items out of the ranking. For sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from recbole_fn.data.split_histories import histories_of, positive_pairs
from recbole_fn.utils.recbole_types import Dataset


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
        >>> seen, one = SeenItems([training]), torch.tensor([1])
        >>> seen.excluded(users=one, targets=one + 3, histories=torch.tensor([[2, 0]]))
        (tensor([0, 0]), tensor([2, 3]))
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        earlier = list(datasets)
        self.histories = histories_of(earlier)
        self._has_kinds = any(positive_pairs(dataset) is not None for dataset in earlier)

    def excluded(self, users: Tensor, targets: Tensor, histories: Tensor) -> tuple[Tensor, Tensor]:
        """The user's earlier items; the target always takes part.

        A row's history has items that are targets of the same split, but where a user has one
        target in it. With kinds of feedback it depends on what the model reads, so it is not used.

        Args:
            users: The user of each row, shape [rows].
            targets: The target of each row, shape [rows].
            histories: The items of each row's history, 0 where there are fewer, shape
                [rows, length].

        Returns:
            For each item to leave out: the index of its row, and the item; each of shape
            [excluded].
        """
        rows, items = self.histories.items_of(users)
        if not self._has_kinds:
            row, place = histories.nonzero(as_tuple=True)
            rows, items = torch.cat([rows, row]), torch.cat([items, histories[row, place]])
            pairs = torch.unique(rows * self.histories.num_items + items)
            rows = torch.div(pairs, self.histories.num_items, rounding_mode="floor")
            items = pairs - rows * self.histories.num_items
        is_excluded = items != targets[rows]
        return rows[is_excluded], items[is_excluded]
