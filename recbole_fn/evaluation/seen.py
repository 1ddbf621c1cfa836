"""Leaves the items that a user has had before out of validation and test.

For general recommenders, RecBole leaves a user's earlier items out of the ranking. For sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable

from torch import Tensor

from recbole_fn.data.split_histories import histories_of
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
        >>> SeenItems([training]).excluded(users=torch.tensor([1]), targets=torch.tensor([4]))
        (tensor([0, 0]), tensor([2, 3]))
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.histories = histories_of(datasets)

    def excluded(self, users: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The user's earlier items; the target always takes part.

        Args:
            users: The user of each row, shape [rows].
            targets: The target of each row, shape [rows].

        Returns:
            For each item to leave out: the index of its row, and the item; each of shape
            [excluded].
        """
        rows, items = self.histories.items_of(users)
        is_excluded = items != targets[rows]
        return rows[is_excluded], items[is_excluded]
