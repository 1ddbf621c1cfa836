"""The items that each user has had in training, as flat tensors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.utils.ragged import ragged_index

_CHUNK = 1_000_000  # rows whose item lists are read at a time
_SIEVE_EACH = 128  # bits of the sieve for each pair: one in 128 others, or fewer, stays in it
_SIEVE_LEAST, _SIEVE_MOST = 1 << 25, 1 << 31  # bits: 4 MB, and what 31 bits can count


@dataclass(frozen=True)
class UserHistories:
    """Distinct items of each user, ready for drawing other items.

    A pair of user and item is written as `user * num_items + item`.

    Attributes:
        pairs: The pairs, ascending, shape [P].
        gaps: For each pair, `user * num_items` plus the number of items below it that the user
            has not had, ascending, shape [P].
        starts: Where each user's pairs begin, shape [num_users + 1].
        sieve: From `make_sieve`. What falls through it is no pair; what stays is looked up,
            unless each pair of the catalogue has a bit of its own.
        num_items: Size of the catalogue, the padding id included.
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
            pairs: Distinct `user * num_items + item`, ascending, shape [P].
            num_users: Number of users, the padding id included.
            num_items: Number of items, the padding id included.
        """
        users = torch.div(pairs, num_items, rounding_mode="floor")
        starts = torch.searchsorted(users, torch.arange(num_users + 1, device=pairs.device))
        ranks = torch.arange(len(pairs), device=pairs.device) - starts[users]
        wanted = min(max(_SIEVE_EACH * len(pairs), _SIEVE_LEAST), _SIEVE_MOST)
        sieve = make_sieve(pairs, min(wanted, num_users * num_items))
        return cls(pairs, pairs - 1 - ranks, starts, sieve, num_items)

    def num_free(self, users: Tensor) -> Tensor:
        """Items that each user has not had, the padding id aside: shape [M] for users [M]."""
        return self.num_items - 1 - (self.starts[users + 1] - self.starts[users])

    def free_item(self, users: Tensor, ranks: Tensor) -> Tensor:
        """The items that users have not had, by their rank among those.

        Args:
            users: User ids, shape [Q].
            ranks: Ranks among the user's free items, from 0, shape [Q].

        Returns:
            Item ids, shape [Q].
        """
        wanted = users * self.num_items + ranks
        below = torch.searchsorted(self.gaps, wanted, right=True) - self.starts[users]
        return 1 + ranks + below

    def items_of(self, users: Tensor) -> tuple[Tensor, Tensor]:
        """The items that users have had.

        Args:
            users: User ids, shape [M].

        Returns:
            For each of the Q pairs of a row and an item of its user: the row, from 0 to M - 1,
            and the item; each of shape [Q].
        """
        starts = self.starts[users]
        at, owner, _ = ragged_index(starts, self.starts[users + 1] - starts)
        return owner, self.pairs[at] - users[owner] * self.num_items

    def known(self, users: Tensor, items: Tensor) -> Tensor:
        """Which items users have had.

        Args:
            users: User ids, shape [M].
            items: Item ids, shape [M, N], int32.

        Returns:
            Their places in the flattened items, ascending, shape [Q].
        """
        begins, num_bits = users * self.num_items, 8 * len(self.sieve)
        # 31 bits tell where to look, and 32 of them are half the memory of 64.
        bits = (begins & (num_bits - 1)).int().unsqueeze(1) + items
        stayed = self._stays(bits.view(-1).bitwise_and_(num_bits - 1)).nonzero().squeeze(1)
        if num_bits >= (len(self.starts) - 1) * self.num_items:
            return stayed
        owner = torch.div(stayed, items.shape[1], rounding_mode="floor")
        wanted = begins[owner] + items.reshape(-1)[stayed]
        place = torch.searchsorted(self.pairs, wanted).clamp_(max=len(self.pairs) - 1)
        return stayed[self.pairs[place] == wanted]

    def _stays(self, bits: Tensor) -> Tensor:
        """Whether the sieve has these bits set: shape [Q] for int32 [Q]."""
        found = self.sieve.index_select(0, bits >> 3)
        found.bitwise_right_shift_(bits.to(torch.uint8).bitwise_and_(7)).bitwise_and_(1)
        return found.view(torch.bool)

    def to(self, device: torch.device) -> "UserHistories":
        """The same histories on another device; itself where it is there already."""
        if self.pairs.device == device:
            return self
        return UserHistories(
            self.pairs.to(device),
            self.gaps.to(device),
            self.starts.to(device),
            self.sieve.to(device),
            self.num_items,
        )


def make_sieve(pairs: Tensor, wanted: int) -> Tensor:
    """Marks where pairs are: a bit for each value of a pair's last bits, eight in a byte.

    A user's pairs lie side by side in it, so the draws for one user read a few cache lines.

    Args:
        pairs: The pairs, shape [P].
        wanted: Bits that it has at least.

    Returns:
        The bytes, shape [a power of 2], uint8; bit b of byte i is set where a pair's last bits
        are 8 * i + b.
    """
    num_bytes = 1 << max(wanted - 1, 7).bit_length() - 3
    sieve = torch.zeros(num_bytes, dtype=torch.uint8, device=pairs.device)
    last_bits = pairs & (8 * num_bytes - 1)
    for bit in range(8):
        sieve[last_bits[last_bits & 7 == bit] >> 3] |= 1 << bit
    return sieve


def training_histories(dataset: Any) -> UserHistories:
    """Collects each user's training items: the targets of the rows and the items before them.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

    Returns:
        The histories, on the CPU.
    """
    rows, num_items = dataset.inter_feat, dataset.item_num
    users, targets = rows[dataset.uid_field], rows[dataset.iid_field]
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    found = [torch.unique(users * num_items + targets)]
    for part in torch.arange(len(users)).split(_CHUNK):
        listed = rows[part][list_field]
        pairs = (users[part].unsqueeze(1) * num_items + listed)[listed > 0]
        found.append(torch.unique(pairs))
    return UserHistories.from_pairs(torch.unique(torch.cat(found)), dataset.user_num, num_items)


def histories_of(datasets: Iterable[Any]) -> UserHistories:
    """Collects each user's items in several sets of rows; see `training_histories`."""
    parts = [training_histories(dataset) for dataset in datasets]
    pairs = torch.unique(torch.cat([part.pairs for part in parts]))
    return UserHistories.from_pairs(pairs, len(parts[0].starts) - 1, parts[0].num_items)
