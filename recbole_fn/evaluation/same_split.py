"""What users have had before each row of a split that may hold several rows of a user."""

import torch
from torch import Tensor

from recbole_fn.data.prefixes import place_within
from recbole_fn.utils.ragged import ragged_index
from recbole_fn.utils.recbole_types import Dataset


class SameSplit:
    """The items of a user's earlier rows of the same split, however short the lists are cut.

    They are the first item of the first row's list, and the targets. With what the user had in
    earlier splits, they are all that the user had before a row.

    Args:
        dataset: A split whose rows of a user are in the order in which the user had the targets.

    Example:
        User 1 has the items 7, 8 and 9, and lists hold one item:

        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1, 1], "item": [8, 9], "item_list": [[7], [8]]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ... )
        >>> SameSplit(dataset).before(torch.tensor([1, 0]))
        (tensor([0, 0, 1]), tensor([7, 8, 7]))
    """

    def __init__(self, dataset: Dataset) -> None:
        rows, list_field = dataset.inter_feat, dataset.iid_field + dataset.config["LIST_SUFFIX"]
        users, order = rows[dataset.uid_field].sort(stable=True)
        place = place_within(users)
        is_first = place == 0
        ends = torch.arange(len(users)) + is_first.cumsum(0)  # one item more for each user so far
        self.items = torch.empty(len(users) + int(is_first.sum()), dtype=torch.long)
        self.items[ends] = rows[dataset.iid_field][order]
        self.items[ends[is_first] - 1] = rows[order[is_first]][list_field][:, 0]
        self.ends, self.lengths = torch.empty_like(order), torch.empty_like(order)
        self.ends[order], self.lengths[order] = ends, place + 1

    def before(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The items that the user of each row has had before it, of those of this split.

        Args:
            rows: Row ids, shape [rows].

        Returns:
            The place of each item's row in `rows`, ascending, and the item, shape [found] each.
        """
        lengths = self.lengths[rows]
        at, row, _ = ragged_index(self.ends[rows] - lengths, lengths)
        return row, self.items[at]
