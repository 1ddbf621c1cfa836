"""Evaluation among a few sampled items: the same ones in every epoch, run and seed.

The protocol of UFNRec's code (arXiv 2208.04116): a target is ranked among items that are drawn once
for its user, from those that the user has had nothing to do with. Sampled ranks do not order models
as full ranking does (Krichene and Rendle, KDD 2020), so it is off by default.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories, histories_of

_SEED = 2208  # no key: candidates that a run could change would not be the same for all runs


class CandidateSampler:
    """Draws the candidates of all users; RecBole's loaders of validation and test hold it.

    A user's draw depends on the user's id, the number of draws and the user's history alone.

    Args:
        datasets: The built sets of training, validation and test: all of a user's items count as
            history.
        draws: Different items for each user; all that are left where there are fewer.

    Attributes:
        candidates: The items of each user, padded with 0, shape [user_num, draws], int32.
    """

    def __init__(self, datasets: Iterable[Any], draws: int) -> None:
        histories = histories_of(datasets)
        self.candidates, self.num_items = draw_candidates(histories, draws), histories.num_items

    def excluded(self, users: Tensor, targets: Tensor) -> Tensor:
        """The items that take no part in the ranking of a target.

        Args:
            users: The user of each row, shape [U].
            targets: The target of each row, shape [U].

        Returns:
            True for items that are neither the target nor a candidate, shape [U, num_items].
        """
        others = torch.ones(len(users), self.num_items, dtype=torch.bool)
        others.scatter_(1, self.candidates[users].long(), False)
        others.scatter_(1, targets.unsqueeze(1), False)
        others[:, 0] = True  # the padding
        return others


def draw_candidates(histories: UserHistories, draws: int) -> Tensor:
    """Draws different items for each user, none of which the user has had.

    Args:
        histories: The items to leave out.
        draws: Items to draw for each user.

    Returns:
        Item ids, padded with 0 where fewer are left, shape [users, draws], int32.
    """
    users = torch.arange(len(histories.starts) - 1)
    ranks = np.full((len(users), draws), -1, dtype=np.int64)
    for user, free in enumerate(histories.num_free(users).tolist()):
        chance = np.random.default_rng([_SEED, user])  # one for each user, whatever others draw
        drawn = chance.choice(free, min(draws, free), replace=False)
        ranks[user, : len(drawn)] = drawn
    owners, columns = torch.from_numpy(ranks >= 0).nonzero(as_tuple=True)
    candidates = torch.zeros(ranks.shape, dtype=torch.int32)
    items = histories.free_item(owners, torch.from_numpy(ranks)[owners, columns])
    candidates[owners, columns] = items.int()
    return candidates
