"""The items that each user has had in training, as two flat tensors."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

_CHUNK = 1_000_000  # rows whose item lists are read at a time


@dataclass(frozen=True)
class UserHistories:
    """Distinct items of each user, ready for drawing other items.

    Attributes:
        gaps: `user * num_items + (item - 1 - rank)` for each (user, item) pair, ascending,
            shape [P]. `rank` counts the user's smaller items, so `item - 1 - rank` is the number
            of items below it that the user has not had.
        starts: Where each user's pairs begin in `gaps`, shape [num_users + 1].
        num_items: Size of the catalogue, the padding id included.
    """

    gaps: Tensor
    starts: Tensor
    num_items: int

    @classmethod
    def from_pairs(cls, pairs: Tensor, num_users: int, num_items: int) -> "UserHistories":
        """Builds the histories.

        Args:
            pairs: Distinct `user * num_items + item`, ascending, shape [P].
            num_users: Number of users, the padding id included.
            num_items: Number of items, the padding id included.
        """
        users = torch.div(pairs, num_items, rounding_mode="floor")
        starts = torch.searchsorted(users, torch.arange(num_users + 1, device=pairs.device))
        ranks = torch.arange(len(pairs), device=pairs.device) - starts[users]
        return cls(pairs - 1 - ranks, starts, num_items)

    def num_free(self, users: Tensor) -> Tensor:
        """Items that each user has not had, the padding id aside: shape [M] for users [M]."""
        return self.num_items - 1 - (self.starts[users + 1] - self.starts[users])

    def num_known_before(self, users: Tensor, ranks: Tensor) -> Tensor:
        """Known items that lie before the free item of a given rank.

        Args:
            users: User ids, shape [M].
            ranks: Ranks among the user's free items, from 0, shape [M, N].

        Returns:
            Counts, shape [M, N].
        """
        wanted = users.unsqueeze(1) * self.num_items + ranks
        return torch.searchsorted(self.gaps, wanted, right=True) - self.starts[users].unsqueeze(1)

    def to(self, device: torch.device) -> "UserHistories":
        """The same histories on another device; itself where it is there already."""
        if self.gaps.device == device:
            return self
        return UserHistories(self.gaps.to(device), self.starts.to(device), self.num_items)


def training_histories(dataset: Any) -> UserHistories:
    """Collects each user's training items: the targets of the rows and the items before them.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

    Returns:
        The histories, on the CPU.
    """
    rows, num_items = dataset.inter_feat, dataset.item_num
    users, targets = rows[dataset.uid_field], rows[dataset.iid_field]
    before = rows[dataset.iid_field + dataset.config["LIST_SUFFIX"]]
    found = [torch.unique(users * num_items + targets)]
    for part in torch.arange(len(users)).split(_CHUNK):
        listed = before[part]
        pairs = (users[part].unsqueeze(1) * num_items + listed)[listed > 0]
        found.append(torch.unique(pairs))
    return UserHistories.from_pairs(torch.unique(torch.cat(found)), dataset.user_num, num_items)
