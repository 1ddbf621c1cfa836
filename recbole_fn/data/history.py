"""The items of each user's training history, as flat tensors, and the items outside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.prefixes import PrefixInteraction
from recbole_fn.data.sieve import is_set, make_sieve
from recbole_fn.utils.ragged import ragged_index
from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 1_000_000  # rows whose item lists are read at a time
_SIEVE_EACH = 128  # bits of the sieve for each pair: at most one other pair in 128 passes it
_SIEVE_LEAST, _SIEVE_MOST = 1 << 25, 1 << 31  # bits: 4 MB, and what fits into int32


@dataclass(frozen=True)
class UserHistories:
    """The distinct items of each user, indexed for drawing other items.

    A pair of a user and an item is written as the number `user * num_items + item`.

    Attributes:
        pairs: The pairs, ascending, shape [pairs].
        gaps: For each pair, `user * num_items` plus the number of the user's unseen items below
            it, ascending, shape [pairs].
        starts: Where the pairs of each user begin, shape [num_users + 1].
        sieve: A bitmap from `make_sieve`. A number whose bit is not set is no pair; one whose bit
            is set is looked up, unless the bitmap has a bit for every pair of the catalogue.
        num_items: Size of the catalogue, the padding id included.

    Example:
        User 1 has had items 1 and 3 of the catalogue 1 to 4, so item 2 and item 4 are left:

        >>> pairs = torch.tensor([1 * 5 + 1, 1 * 5 + 3])
        >>> histories = UserHistories.from_pairs(pairs, num_users=2, num_items=5)
        >>> user = torch.tensor([1])
        >>> histories.num_free(user)
        tensor([2])
        >>> histories.free_item(user, torch.tensor([1]))
        tensor([4])
    """

    pairs: Tensor
    gaps: Tensor
    starts: Tensor
    sieve: Tensor
    num_items: int

    @classmethod
    def from_pairs(cls, pairs: Tensor, num_users: int, num_items: int) -> "UserHistories":
        """Builds the histories.

        Args:
            pairs: Distinct `user * num_items + item`, ascending, shape [pairs].
            num_users: Number of users, the padding id included.
            num_items: Number of items, the padding id included.
        """
        users = torch.div(pairs, num_items, rounding_mode="floor")  # [pairs]
        starts = torch.searchsorted(users, torch.arange(num_users + 1, device=pairs.device))
        place = torch.arange(len(pairs), device=pairs.device) - starts[users]  # within the user's
        min_bits = min(max(_SIEVE_EACH * len(pairs), _SIEVE_LEAST), _SIEVE_MOST)
        sieve = make_sieve(pairs, min(min_bits, num_users * num_items))
        return cls(pairs, pairs - 1 - place, starts, sieve, num_items)

    def num_free(self, users: Tensor) -> Tensor:
        """How many items each user has not had, without the padding: [rows] for users [rows]."""
        return self.num_items - 1 - (self.starts[users + 1] - self.starts[users])

    def free_item(self, users: Tensor, order: Tensor) -> Tensor:
        """Looks up unseen items by their order.

        Args:
            users: User ids, shape [queries].
            order: Index among the user's unseen items in ascending order, shape [queries].

        Returns:
            Item ids, shape [queries].
        """
        key = users * self.num_items + order
        below = torch.searchsorted(self.gaps, key, right=True) - self.starts[users]
        return 1 + order + below

    def item_counts(self) -> Tensor:
        """How many users have had each item, shape [num_items]."""
        return torch.bincount(self.pairs % self.num_items, minlength=self.num_items)

    def items_of(self, users: Tensor) -> tuple[Tensor, Tensor]:
        """Lists the items of users.

        Args:
            users: User ids, shape [rows].

        Returns:
            For each pair of a row and an item of its user: the index of the row, and the item;
            each of shape [pairs].
        """
        starts = self.starts[users]
        at, owner, _ = ragged_index(starts, self.starts[users + 1] - starts)
        return owner, self.pairs[at] - users[owner] * self.num_items

    def known(self, users: Tensor, items: Tensor) -> Tensor:
        """Finds the items that users have had.

        Args:
            users: User ids, shape [rows].
            items: Item ids, shape [rows, draws], int32.

        Returns:
            The positions of these items in the flattened `items`, ascending, shape [known].
        """
        begins, num_bits = users * self.num_items, 8 * len(self.sieve)
        # The index of a bit fits into int32, which takes half the memory of int64.
        bits = (begins & (num_bits - 1)).int().unsqueeze(1) + items  # [rows, draws]
        flat_bits = bits.view(-1).bitwise_and_(num_bits - 1)  # [rows * draws]
        at = is_set(self.sieve, flat_bits).nonzero().squeeze(1)  # [known, or a few more]
        if num_bits >= (len(self.starts) - 1) * self.num_items:
            return at
        owner = torch.div(at, items.shape[1], rounding_mode="floor")
        numbers = begins[owner] + items.reshape(-1)[at]
        place = torch.searchsorted(self.pairs, numbers).clamp_(max=len(self.pairs) - 1)
        return at[self.pairs[place] == numbers]

    def to(self, device: torch.device) -> "UserHistories":
        """The histories on a device; the same object if they are there already."""
        if self.pairs.device == device:
            return self
        return UserHistories(
            self.pairs.to(device),
            self.gaps.to(device),
            self.starts.to(device),
            self.sieve.to(device),
            self.num_items,
        )


def training_histories(dataset: Dataset) -> UserHistories:
    """Collects each user's training items: the targets of the rows and the items before them.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

    Returns:
        The histories, on the CPU.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1], "item": [3], "item_list": [[2, 0]]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ...     item_num=5, user_num=2,
        ... )
        >>> training_histories(dataset).items_of(torch.tensor([1]))
        (tensor([0, 0]), tensor([2, 3]))
    """
    rows, num_items = dataset.inter_feat, dataset.item_num
    users, targets = rows[dataset.uid_field], rows[dataset.iid_field]
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    pairs = [torch.unique(users * num_items + targets)]
    for at, items in _listed(rows, list_field):
        pairs.append(torch.unique(users[at] * num_items + items))
    return UserHistories.from_pairs(torch.unique(torch.cat(pairs)), dataset.user_num, num_items)


def _listed(rows: Any, list_field: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Chunks of rows and items of their lists, each of shape [items]."""
    entries = rows.entries(list_field) if isinstance(rows, PrefixInteraction) else None
    if entries is not None:
        yield entries
        return
    for part in torch.arange(len(rows)).split(_CHUNK):
        listed = rows[part][list_field]  # [rows, length], 0 for padding
        place, column = listed.nonzero(as_tuple=True)
        yield part[place], listed[place, column]
