"""What follows what: how often an item comes soon after another one in training."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.utils.ragged import ragged_index

_CHUNK = 1 << 18  # rows whose lists are cut at a time


@dataclass(frozen=True)
class _Pairs:
    """Followers of each key, one key's after the other's: an item and a count of each pair.

    Attributes:
        starts: Where each key's pairs begin, shape [keys + 1].
        items: The followers, shape [P], int32.
        counts: How often each follows, shape [P], int32.
    """

    starts: Tensor
    items: Tensor
    counts: Tensor


@dataclass(frozen=True)
class FollowerCounts:
    """Counts of the items that come within some steps after an item, over all users.

    A stored pair of an item and a follower takes 8 bytes. What a user has contributed is kept
    too, so that it can be taken out of what the others say of the user's own next item.

    Attributes:
        num_items: Size of the catalogue, the padding id included.
        window: Steps within which an item counts as a follower, W.
        pairs: Followers of each item.
        own: The same pairs by users; `own_after` has the item that each follows.
        own_after: Shape [pairs of `own`], int32.
    """

    num_items: int
    window: int
    pairs: _Pairs
    own: _Pairs
    own_after: Tensor

    @classmethod
    def of(cls, dataset: Any, window: int = 3) -> "FollowerCounts":
        """Counts in one pass over the rows of a training set.

        Args:
            dataset: A built `SequentialDataset` of RecBole, for training: each of its rows tells
                what its target follows.
            window: W.
        """
        num_items, num_users = dataset.item_num, dataset.user_num
        users, after, follower = map(torch.cat, zip(*_steps(dataset, window), strict=False))
        keys, counts = torch.unique(after * num_items + follower, return_counts=True)
        pairs = _grouped(keys // num_items, keys % num_items, counts, num_items)
        order = torch.argsort(users, stable=True)
        own = _grouped(users[order], follower[order], torch.ones_like(order), num_users)
        return cls(num_items, window, pairs, own, after[order].int())

    def after(self, last: Tensor, users: Tensor, decay: float) -> Tensor:
        """How often items came after a row's last items, without the user's own part.

        Args:
            last: The last items of M rows, the newest first, 0 where there is none, shape [M, D].
            users: User ids, shape [M].
            decay: An item counts so many times less than the one after it.

        Returns:
            `sum_d decay^d * (C[last_d, i] - C_user[last_d, i])` for each item i, shape
            [M, num_items].
        """
        total = torch.zeros(len(last) * self.num_items, dtype=torch.float32, device=last.device)
        row = torch.arange(len(last), device=last.device)
        for back in range(last.shape[1]):
            weight, items = decay**back, last[:, back]
            at, owner, _ = _entries(self.pairs, items)
            place = owner * self.num_items + self.pairs.items[at]
            total.index_add_(0, place, weight * self.pairs.counts[at].float())
            at, owner, _ = _entries(self.own, users)
            is_own = self.own_after[at] == items[owner]
            place = (row[owner] * self.num_items + self.own.items[at])[is_own]
            total.index_add_(0, place, torch.full_like(place, -weight, dtype=total.dtype))
        return total.view(len(last), -1).clamp_min_(0)

    def num_bytes(self) -> int:
        """Bytes of the counts, those of the users' own parts aside."""
        return sum(tensor.nbytes for tensor in (self.pairs.items, self.pairs.counts))


def last_items(dataset: Any, depth: int) -> Tensor:
    """The last items of each row's history, the newest first, 0 where there is none.

    Args:
        dataset: A built `SequentialDataset` of RecBole.
        depth: Items of each row, D.

    Returns:
        Item ids, shape [rows, D].
    """
    parts = [part for _, part, _ in _lists(dataset, depth)]
    return torch.cat(parts)


def _lists(dataset: Any, depth: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Users [R], last items [R, depth] and targets [R] of chunks of rows."""
    rows = dataset.inter_feat
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    for index in torch.arange(len(rows)).split(_CHUNK):
        part = rows[index]
        lengths = part[dataset.item_list_length_field].unsqueeze(1)
        place = lengths - 1 - torch.arange(depth)
        last = part[list_field].gather(1, place.clamp_min(0)).masked_fill(place < 0, 0)
        yield part[dataset.uid_field], last, part[dataset.iid_field]


def _steps(dataset: Any, window: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Users, items and their followers: of each row its target, after each of its last items."""
    for users, last, targets in _lists(dataset, window):
        row, back = last.nonzero(as_tuple=True)
        yield users[row], last[row, back], targets[row]


def _grouped(keys: Tensor, items: Tensor, counts: Tensor, num_keys: int) -> _Pairs:
    """Pairs whose keys ascend."""
    starts = torch.searchsorted(keys, torch.arange(num_keys + 1))
    return _Pairs(starts, items.int(), counts.int())


def _entries(pairs: _Pairs, keys: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The pairs of some keys [M]; see `ragged_index`."""
    starts = pairs.starts[keys]
    return ragged_index(starts, pairs.starts[keys + 1] - starts)
