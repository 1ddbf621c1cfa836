"""Counts how often an item comes soon after another one in training."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.follower_graph import after_in_graph
from recbole_fn.data.follower_sums import sum_of_pairs, sum_of_table
from recbole_fn.utils.ragged import lower_bound, ragged_index
from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 1 << 18  # rows whose lists are read at a time
_TABLE_BYTES = 64 << 20  # of a table of all pairs of items, which is 10 times as fast


@dataclass(frozen=True)
class FollowerCounts:
    """How often each item comes within a few steps after another one, over all users.

    A pair of an item and a follower takes 8 bytes. What each user contributes is stored too, in 4
    bytes each time, so that it can be subtracted: a user's own next item must not vote for itself.

    Attributes:
        num_items: Size of the catalogue, the padding id included.
        window: W, the steps within which an item counts as a follower.
        starts: Where the pairs of each item begin, shape [num_items + 1].
        followers: The item that follows, shape [pairs], int32.
        counts: How often it does, shape [pairs], int32.
        user_starts: Where the contributions of each user begin, shape [num_users + 1].
        user_pairs: The index of the pair that a user contributed to, ascending for each user, shape
            [contributions], int32.

    Example:
        Users 1 and 2 had item 2 after item 1. Asked for user 1, only user 2 counts:

        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1, 2], "item": [2, 2], "item_list": [[1], [1]], "n": [1, 1]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", item_list_length_field="n",
        ...     config={"LIST_SUFFIX": "_list"}, item_num=4, user_num=3,
        ... )
        >>> counts = FollowerCounts.of(dataset)
        >>> counts.after(last=torch.tensor([[1]]), users=torch.tensor([1]), decay=0.5)
        tensor([[0., 0., 1., 0.]])
    """

    num_items: int
    window: int
    starts: Tensor
    followers: Tensor
    counts: Tensor
    user_starts: Tensor
    user_pairs: Tensor

    @classmethod
    def of(cls, dataset: Dataset, window: int = 3) -> "FollowerCounts":
        """Counts in one pass over the rows of a training set.

        Args:
            dataset: A built `SequentialDataset` of RecBole, for training; the target of a row
                follows the last items of its history.
            window: W.
        """
        num_items, num_users = dataset.item_num, dataset.user_num
        users, after, follower = map(torch.cat, zip(*_steps(dataset, window), strict=False))
        keys, pair, counts = torch.unique(
            after * num_items + follower, return_inverse=True, return_counts=True
        )
        order = torch.argsort(users * len(keys) + pair)
        return cls(
            num_items=num_items,
            window=window,
            starts=_starts(keys // num_items, num_items),
            followers=(keys % num_items).int(),
            counts=counts.int(),
            user_starts=_starts(users[order], num_users),
            user_pairs=pair[order].int(),
        )

    def tensors(self) -> dict[str, Tensor]:
        """The tensors by name, with which another instance can be made."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}

    def after(self, last: Tensor, users: Tensor, decay: float) -> Tensor:
        """How often items came after a row's last items for other users.

        Args:
            last: The last items of each row, newest first, 0 for none, shape [rows, depth].
            users: User ids, shape [rows].
            decay: The factor by which an item's weight falls with each step back.

        Returns:
            `sum_d decay^d * (C[last_d, i] - C_user[last_d, i])` for each item i, shape
            [rows, num_items].
        """
        if torch.onnx.is_in_onnx_export():  # whose users are unknown
            return after_in_graph((self.starts, self.followers, self.counts), last, decay)
        weights = (decay ** torch.arange(last.shape[1], device=last.device)).float()  # [depth]
        # [contributions] each
        at, owner = self._own(last.reshape(-1), users.repeat_interleave(last.shape[1]))
        own = self.user_pairs[at].long(), owner
        is_small = 4 * self.num_items**2 <= _TABLE_BYTES
        pairs = self.starts, self.followers, self.counts
        return (sum_of_table if is_small else sum_of_pairs)(pairs, last, weights, own)

    def _own(self, items: Tensor, users: Tensor) -> tuple[Tensor, Tensor]:
        """What users [rows] contributed to the pairs of items [rows], and the row of each."""
        begins, ends = self.user_starts[users], self.user_starts[users + 1]
        low, high = (
            lower_bound(self.user_pairs, begins, ends, self.starts[items + step]) for step in (0, 1)
        )
        return _entries(low, high)

    def num_bytes(self) -> int:
        """Bytes of all pairs and contributions: at most 12 a contribution."""
        return sum(each.nbytes for each in (self.followers, self.counts, self.user_pairs))


def last_items(dataset: Dataset, depth: int) -> Tensor:
    """The last items of each row's history, newest first, 0 for none.

    Args:
        dataset: A built `SequentialDataset` of RecBole.
        depth: Items of each row.

    Returns:
        Item ids, shape [rows, depth].

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1], "item": [9], "item_list": [[7, 8, 0]], "n": [2]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", item_list_length_field="n",
        ...     config={"LIST_SUFFIX": "_list"},
        ... )
        >>> last_items(dataset, depth=3)
        tensor([[8, 7, 0]])
    """
    return torch.cat([last for _, last, _ in _lists(dataset, depth)])


def _lists(dataset: Dataset, depth: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Users [rows], last items [rows, depth] and targets [rows], chunk by chunk."""
    rows = dataset.inter_feat
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    for index in torch.arange(len(rows)).split(_CHUNK):
        part = rows[index]
        lengths = part[dataset.item_list_length_field].unsqueeze(1)  # [rows, 1]
        place = lengths - 1 - torch.arange(depth)  # [rows, depth], below 0 before the history
        last = part[list_field].gather(1, place.clamp_min(0)).masked_fill(place < 0, 0)
        yield part[dataset.uid_field], last, part[dataset.iid_field]


def _steps(dataset: Dataset, window: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Users, items and followers: a row's target follows each of its last items."""
    for users, last, targets in _lists(dataset, window):
        row, back = last.nonzero(as_tuple=True)  # [pairs] each
        yield users[row], last[row, back], targets[row]


def _starts(keys: Tensor, num_keys: int) -> Tensor:
    """Where each key begins among ascending keys: [num_keys + 1]."""
    return torch.searchsorted(keys, torch.arange(num_keys + 1))


def _entries(begins: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """The entries of ranges [rows], and the index of the range of each; see `ragged_index`."""
    at, owner, _ = ragged_index(begins, ends - begins)
    return at, owner
