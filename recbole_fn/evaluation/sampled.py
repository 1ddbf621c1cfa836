"""Evaluation among a few sampled items: the same items in every epoch, run and seed.

The protocol of UFNRec's code (arXiv 2208.04116): a target is ranked among items that are drawn
once for its user from those that the user never interacted with. Sampled metrics do not order
models as full ranking does (Krichene and Rendle, KDD 2020), so this is off by default.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recbole_fn.data.history import UserHistories
from recbole_fn.data.split_histories import histories_of, known_histories
from recbole_fn.utils.recbole_types import Dataset, Interaction

_SEED = 2208  # not a key: candidates must be the same in all runs


class CandidateSampler:
    """Draws the candidates of all users; the loaders of validation and test hold it.

    A user's candidates depend only on the user's id, the number of draws and the user's history.

    Args:
        datasets: The built sets of training, validation and test; all of a user's items count as
            history.
        draws: Number of distinct items for each user; all unseen items if there are fewer.
        by_popularity: Whether an item is drawn in proportion to its number of training users;
            items without any are left out then.

    Attributes:
        candidates: The items of each user, padded with 0, shape [user_num, draws], int32.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1], "item": [3], "item_list": [[2, 0]]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ...     item_num=6, user_num=2,
        ... )
        >>> CandidateSampler([dataset], draws=3).candidates[1].sort().values
        tensor([1, 4, 5], dtype=torch.int32)
    """

    def __init__(
        self, datasets: Sequence[Dataset], draws: int, by_popularity: bool = False
    ) -> None:
        histories = histories_of(datasets)
        if by_popularity:
            counts = known_histories(datasets[0]).item_counts()
            self.candidates = draw_by_popularity(histories, counts, draws)
        else:
            self.candidates = draw_candidates(histories, draws)
        self.num_items = histories.num_items
        self._uid = datasets[0].uid_field

    def excluded(self, rows: Interaction, targets: Tensor) -> Tensor:
        """The items that take no part in the ranking of a target.

        Args:
            rows: The rows; their users are read.
            targets: The target of each row, shape [rows].

        Returns:
            True for items that are neither the target nor a candidate, shape [rows, num_items].
        """
        users = rows[self._uid]
        excluded = torch.ones(len(users), self.num_items, dtype=torch.bool)
        excluded.scatter_(1, self.candidates[users].long(), False)
        excluded.scatter_(1, targets.unsqueeze(1), False)
        excluded[:, 0] = True  # the padding
        return excluded


def draw_candidates(histories: UserHistories, draws: int) -> Tensor:
    """Draws distinct items for each user that the user has not had.

    Args:
        histories: The items to leave out.
        draws: Items to draw for each user.

    Returns:
        Item ids, shape [users, draws], int32; padded with 0 if fewer items are left.

    Example:
        >>> histories = UserHistories.from_pairs(torch.tensor([1 * 4 + 2]), 2, 4)
        >>> draw_candidates(histories, draws=3)[1].sort().values  # two items are left
        tensor([0, 1, 3], dtype=torch.int32)
    """
    users = torch.arange(len(histories.starts) - 1)
    order = np.full((len(users), draws), -1, dtype=np.int64)  # index among the unseen items
    for user, free in enumerate(histories.num_free(users).tolist()):
        generator = np.random.default_rng([_SEED, user])  # independent of other users
        drawn = generator.choice(free, min(draws, free), replace=False)
        order[user, : len(drawn)] = drawn
    owners, columns = torch.from_numpy(order >= 0).nonzero(as_tuple=True)  # [drawn] each
    candidates = torch.zeros(order.shape, dtype=torch.int32)
    items = histories.free_item(owners, torch.from_numpy(order)[owners, columns])
    candidates[owners, columns] = items.int()
    return candidates


def draw_by_popularity(histories: UserHistories, counts: Tensor, draws: int) -> Tensor:
    """Draws distinct items for each user that the user has not had, popular ones more often.

    One after another, each with a probability proportional to its count among the items that
    are left.

    Args:
        histories: The items to leave out.
        counts: Weight of each item, shape [num_items]; an item of weight 0 is never drawn.
        draws: Items to draw for each user.

    Returns:
        Item ids, shape [users, draws], int32; padded with 0 if fewer items are left.

    Example:
        >>> histories = UserHistories.from_pairs(torch.tensor([1 * 5 + 2]), 2, 5)
        >>> counts = torch.tensor([0, 9, 5, 0, 1])  # user 1 has had item 2
        >>> draw_by_popularity(histories, counts, draws=3)[1].sort().values
        tensor([0, 1, 4], dtype=torch.int32)
    """
    users = torch.arange(len(histories.starts) - 1)
    candidates = torch.zeros(len(users), draws, dtype=torch.int32)
    weights = counts.double().numpy()
    for user in users.tolist():
        left = weights.copy()
        left[histories.items_of(torch.tensor([user]))[1].numpy()] = 0
        drawn = _without_replacement(left, draws, np.random.default_rng([_SEED, user]))
        candidates[user, : len(drawn)] = torch.from_numpy(drawn)
    return candidates


def _without_replacement(
    weights: NDArray[np.float64], draws: int, generator: np.random.Generator
) -> NDArray[np.int32]:
    """The `draws` items that arrive first, at rates `weights`: successive draws without return."""
    items = weights.nonzero()[0].astype(np.int32)
    arrivals = generator.standard_exponential(len(items)) / weights[items]
    first: NDArray[np.int32] = items[np.argsort(arrivals, kind="stable")[:draws]]
    return first
