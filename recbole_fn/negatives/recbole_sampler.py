"""Uniform negatives, drawn on the model's device for a whole batch at once."""

from typing import Any

import numpy as np
import torch
from recbole.sampler.sampler import AbstractSampler
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.history import UserHistories, training_histories
from recbole_fn.utils.errors import InputError

_REDRAWS = 3  # rounds of drawing anew; more do not pay
_FEW = 1000  # so many are looked up among the free items as fast as they are drawn anew


def draw_outside_history(
    users: Tensor, draws: int, histories: UserHistories, generator: torch.Generator
) -> Tensor:
    """Draws items uniformly from those that each user has not had.

    Items are drawn from the whole catalogue, and those that the user has had are drawn anew. The
    few that remain after some rounds are drawn from the rest by their rank there, so the work
    is bounded, however long the history is.

    Args:
        users: User ids, shape [M].
        draws: Items to draw for each user, N.
        histories: The items to leave out.
        generator: Source of randomness, on the device of `users`.

    Returns:
        Item ids, shape [M, N], with repetitions.
    """
    return _draw_anew(users, draws, histories, generator, _REDRAWS).long()


def _draw_anew(
    users: Tensor, draws: int, histories: UserHistories, generator: torch.Generator, redraws: int
) -> Tensor:
    """As `draw_outside_history`; int32."""
    items = torch.empty((len(users), draws), dtype=torch.int32, device=users.device)
    items.random_(1, histories.num_items, generator=generator)
    known = histories.known(users, items)
    owners = users[torch.div(known, draws, rounding_mode="floor")]
    if redraws and len(known) > _FEW:
        others = _draw_anew(owners, 1, histories, generator, redraws - 1).squeeze(1)
    else:
        others = _draw_by_rank(owners, histories, generator)
    items.view(-1)[known] = others
    return items


def _draw_by_rank(users: Tensor, histories: UserHistories, generator: torch.Generator) -> Tensor:
    """One item for each user, uniformly from those not had: shape [M] for users [M], int32."""
    free = histories.num_free(users)
    uniform = torch.rand(len(users), generator=generator, device=users.device, dtype=torch.float64)
    ranks = torch.minimum((uniform * free).long(), free - 1)
    return histories.free_item(users, ranks).int()


def draw_other_than_target(
    targets: Tensor, draws: int, num_items: int, generator: torch.Generator
) -> Tensor:
    """Draws items uniformly from the catalogue without each row's target.

    Args:
        targets: Item ids, shape [M].
        draws: Items to draw for each row, N.
        num_items: Size of the catalogue, the padding id 0 included.
        generator: Source of randomness, on the device of `targets`.

    Returns:
        Item ids, shape [M, N], with repetitions.
    """
    ranks = torch.randint(
        1, num_items - 1, (len(targets), draws), generator=generator, device=targets.device
    )
    return ranks + (ranks >= targets.unsqueeze(1))


class FNSampler(AbstractSampler):
    """Draws the negatives of UFNRec (arXiv 2208.04116, section 3.2) for batches of rows.

    It is one of RecBole's samplers, and `sample_by_user_ids` answers as RecBole's do, but
    training calls `draw`, in the training process and on the model's device.

    Args:
        config: RecBole's configuration.
        train_dataset: The built training data set; only its items count as history, so
            validation and test items can be drawn.

    Raises:
        InputError: when nothing is left to draw for some user; the user is named.
    """

    def __init__(self, config: Any, train_dataset: Any) -> None:
        self.settings = FNSettings.from_config(config.final_config_dict)
        self.num_items = train_dataset.item_num
        self.histories = training_histories(train_dataset)
        self.phase = "train"
        self._generators: dict[str, torch.Generator] = {}
        self._seed = config["seed"]
        self._require_free_items(train_dataset)
        super().__init__(distribution="uniform", alpha=1.0)

    def get_used_ids(self) -> UserHistories:
        """The items that each user's draws leave out."""
        return self.histories

    def generator(self, device: torch.device) -> torch.Generator:
        """The source of this sampler's randomness on a device.

        It is the sampler's own, so the negatives are the same whatever else draws numbers.
        """
        if device.type not in self._generators:  # "cuda" and "cuda:0" are one device here
            self._generators[device.type] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device.type]

    def draw(self, users: Tensor, targets: Tensor, draws: int) -> Tensor:
        """Draws negatives for a batch of rows.

        Args:
            users: User id of each row, shape [M].
            targets: Target item of each row, shape [M].
            draws: Negatives for each row, N.

        Returns:
            Item ids, shape [M, N], on the device of `users`; with repetitions.
        """
        generator = self.generator(users.device)
        if self.settings.neg_exclude == "target":
            return draw_other_than_target(targets, draws, self.num_items, generator)
        self.histories = self.histories.to(users.device)  # moved once, at the first draw
        return draw_outside_history(users, draws, self.histories, generator)

    def num_free(self, users: Tensor) -> Tensor:
        """How many items are drawn from for each of these users: shape [M] for users [M]."""
        if self.settings.neg_exclude == "target":
            return torch.full_like(users, self.num_items - 2)
        self.histories = self.histories.to(users.device)
        return self.histories.num_free(users)

    def mask_excluded(self, scores: Tensor, users: Tensor) -> None:
        """Puts items that are never negatives below all others, in place.

        Args:
            scores: Scores of all items for each row, shape [M, num_items].
            users: User id of each row, shape [M].
        """
        if self.settings.neg_exclude == "history":
            self.histories = self.histories.to(users.device)
            scores[self.histories.items_of(users)] = -torch.inf

    def sample_by_user_ids(self, user_ids: Any, item_ids: Any, num: int) -> Tensor:
        """RecBole's interface: the draws of all rows one after the other, draw by draw.

        Args:
            user_ids: User id of each row, length M.
            item_ids: Target item of each row, length M.
            num: Negatives for each row, N.

        Returns:
            Item ids, shape [N * M]; entry `n * M + m` is draw n for row m.
        """
        users = torch.as_tensor(np.asarray(user_ids))
        return self.draw(users, torch.as_tensor(np.asarray(item_ids)), num).t().reshape(-1)

    def _require_free_items(self, dataset: Any) -> None:
        if self.settings.neg_exclude == "target":
            if self.num_items < 3:
                raise InputError("the data set has one item; a negative needs a second one")
            return
        users = torch.arange(1, dataset.user_num)
        full = users[self.histories.num_free(users) < 1]
        if len(full):
            token = dataset.id2token(dataset.uid_field, full[0].item())
            raise InputError(
                f"fn_neg_num is {self.settings.neg_num}, but user {str(token)!r} has had all "
                f"{self.num_items - 1} items, so no negative can be drawn; every user "
                f"must have an item left (user_inter_num_interval drops the others), "
                f"or fn_neg_exclude must be target"
            )
