"""Evaluation among a few sampled items: the same ones in every epoch, run and seed.

The protocol of UFNRec's code (arXiv 2208.04116): a target is ranked among items that are drawn once
for its user, from those that the user has had nothing to do with. Sampled ranks do not order models
as full ranking does (Krichene and Rendle, KDD 2020), so it is off by default.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.utils import ModelType
from torch import Tensor

from recbole_fn.data.full_ranking import FNFullSortEvalDataLoader
from recbole_fn.data.history import UserHistories, training_histories
from recbole_fn.errors import InputError

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
        datasets = list(datasets)
        num_users, num_items = datasets[0].user_num, datasets[0].item_num
        pairs = torch.unique(torch.cat([training_histories(part).pairs for part in datasets]))
        histories = UserHistories.from_pairs(pairs, num_users, num_items)
        self.candidates, self.num_items = draw_candidates(histories, draws), num_items

    def others(self, users: Tensor, targets: Tensor) -> Tensor:
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


class CandidateEvalDataLoader(FNFullSortEvalDataLoader):
    """A loader for full ranking that hides all items but the target and its user's candidates.

    RecBole's trainer puts the scores of what a loader calls history to minus infinity.
    """

    def collate_fn(self, index: Any) -> tuple[Any, ...]:
        """Cuts a batch out of the data set; takes and returns what its base class does."""
        interaction, _, positive_u, positive_i = super().collate_fn(index)
        others = self._sampler.others(interaction[self.uid_field], positive_i)
        return interaction, others, positive_u, positive_i


def candidate_loader(config: Any, recboles: type) -> type:
    """The loader that ranks among candidates.

    Args:
        config: RecBole's configuration.
        recboles: The loader that RecBole would use.

    Raises:
        InputError: where RecBole would not rank the whole catalogue for a sequence.
    """
    if recboles is FullSortEvalDataLoader and config["MODEL_TYPE"] == ModelType.SEQUENTIAL:
        return CandidateEvalDataLoader
    raise InputError(
        f"fn_eval_candidates is {config['fn_eval_candidates']} and eval_args has mode "
        f"{config['eval_args']['mode']}; allowed is mode full, with a sequential model"
    )


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
