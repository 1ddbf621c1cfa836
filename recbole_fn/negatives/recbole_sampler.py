"""RecBole's interface of a sampler for uniform draws on the model's device, a batch at once."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from recbole.sampler.sampler import AbstractSampler
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.fingerprint import held_out
from recbole_fn.data.history import UserHistories, training_histories
from recbole_fn.data.split_histories import known_histories
from recbole_fn.negatives.drawing import draw_other_than_target, draw_outside_history
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset


class FNSampler(AbstractSampler):
    """Draws the negatives of UFNRec (arXiv 2208.04116, section 3.2) for batches of rows.

    RecBole's loaders hold it as their sampler, and `sample_by_user_ids` is RecBole's interface.
    Training calls `draw` instead, in the training process and on the model's device.

    Args:
        config: RecBole's configuration.
        train_dataset: The built training set. Only its items count as history, so validation and
            test items can be drawn.
        others: The built sets of validation and test, which checkpoints identify.

    Raises:
        InputError: naming a user for whom no item is left to draw.

    Example:
        User 1 has had items 2 and 3 of 4; items 1 and 4 are drawn:

        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1], "item": [3], "item_list": [[2, 0]]}
        >>> class Config(dict):
        ...     final_config_dict = {"fn_enabled": True}
        >>> config = Config(LIST_SUFFIX="_list", seed=2022)
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config=config, item_num=5, user_num=2,
        ... )
        >>> sampler = FNSampler(config, dataset)
        >>> sampler.draw(torch.tensor([1]), torch.tensor([3]), 100).unique()
        tensor([1, 4])
    """

    held_out: str = ""  # in loaders that an earlier version saved

    def __init__(
        self, config: Config, train_dataset: Dataset, others: Sequence[Dataset] = ()
    ) -> None:
        self.settings = FNSettings.from_config(config.final_config_dict)
        self.num_items = train_dataset.item_num
        # Lists may hold negative items, which may be drawn; as targets, they are positives.
        ignores = self.settings.feedback_targets == "ignore"
        self.histories = (training_histories if ignores else known_histories)(train_dataset)
        self.held_out = held_out(others)
        self.phase = "train"
        self._generators: dict[str, torch.Generator] = {}
        self._seed = config["seed"]
        self._require_free_items(train_dataset)
        super().__init__(distribution="uniform", alpha=1.0)

    def get_used_ids(self) -> UserHistories:
        """The items that are never drawn for each user."""
        return self.histories

    def generator(self, device: torch.device) -> torch.Generator:
        """The source of this sampler's randomness on a device.

        The sampler has a generator to itself, so its draws do not depend on other random numbers.

        Args:
            device: The device.
        """
        if device.type not in self._generators:  # "cuda" and "cuda:0" are the same device here
            self._generators[device.type] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device.type]

    def draw(self, users: Tensor, targets: Tensor, draws: int) -> Tensor:
        """Draws negatives for a batch of rows.

        Args:
            users: User id of each row, shape [rows].
            targets: Target item of each row, shape [rows].
            draws: Negatives for each row.

        Returns:
            Item ids on the device of `users`, shape [rows, draws], with repetitions.
        """
        generator = self.generator(users.device)
        if self.settings.neg_exclude == "target":
            return draw_other_than_target(targets, draws, self.num_items, generator)
        self.histories = self.histories.to(users.device)  # moved once, at the first draw
        return draw_outside_history(users, draws, self.histories, generator)

    def num_free(self, users: Tensor) -> Tensor:
        """The number of items that can be drawn for each user: [rows] for users [rows]."""
        if self.settings.neg_exclude == "target":
            return torch.full_like(users, self.num_items - 2)
        self.histories = self.histories.to(users.device)
        return self.histories.num_free(users)

    def excluded(self, users: Tensor, targets: Tensor, items: Tensor) -> Tensor:
        """Finds the items that are never negatives of their rows.

        Args:
            users: User id of each row, shape [rows].
            targets: Target item of each row, shape [rows].
            items: Item ids, shape [rows, items], int32.

        Returns:
            Their positions in the flattened `items`, ascending, shape [excluded].
        """
        if self.settings.neg_exclude == "target":
            return (items == targets.unsqueeze(1)).view(-1).nonzero().squeeze(1)
        self.histories = self.histories.to(users.device)
        return self.histories.known(users, items)

    def mask_excluded(self, scores: Tensor, users: Tensor) -> None:
        """Sets the scores of items that are never negatives to -inf, in place.

        Args:
            scores: Scores of all items for each row, shape [rows, num_items].
            users: User id of each row, shape [rows].
        """
        if self.settings.neg_exclude == "history":
            self.histories = self.histories.to(users.device)
            scores[self.histories.items_of(users)] = -torch.inf

    def sample_by_user_ids(self, user_ids: ArrayLike, item_ids: ArrayLike, num: int) -> Tensor:
        """RecBole's interface: the first draw of all rows, then the second, and so on.

        Args:
            user_ids: User id of each row, shape [rows].
            item_ids: Target item of each row, shape [rows].
            num: Negatives for each row.

        Returns:
            Item ids, shape [num * rows]; entry `n * rows + m` is draw n for row m.
        """
        users = torch.as_tensor(np.asarray(user_ids))
        return self.draw(users, torch.as_tensor(np.asarray(item_ids)), num).t().reshape(-1)

    def _require_free_items(self, dataset: Dataset) -> None:
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
