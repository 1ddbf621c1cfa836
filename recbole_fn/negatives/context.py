"""What a negative sampler may ask of the run."""

from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.history import UserHistories
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.utils.recbole_types import Dataset


class Remembered(Protocol):
    """What extraction remembers of rows, see `recbole_fn.extraction.memory`.

    Example:
        The items that have been extracted for rows 3 and 5:

        >>> memory: Remembered = run.trainer.fn_step.memory
        >>> owner, items, counts = memory.entries(torch.tensor([3, 5]))
        >>> owner.shape == items.shape == counts.shape, memory.flip_after
        (True, 1)
    """

    flip_after: int

    def entries(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows [rows]: the index of a row, an item and its count, each of shape [entries]."""
        ...


class SamplerContext:
    """The run that a sampler works for: its catalogue, histories and randomness.

    Args:
        draws: Draws items uniformly, without those that `fn_neg_exclude` names.
        dataset: The built training set.
        memory: What extraction remembers; None where nothing is extracted.
        dimension: Size of the vectors that the model multiplies; None if it scores otherwise.

    Attributes:
        num_items: Size of the catalogue, the padding id 0 included.
        num_users: Number of users, the padding id 0 included.
        dataset: The built training set; `RowBatch.rows` are its rows.
        memory: What extraction remembers; None where nothing is extracted.

    Example:
        How often items 1 to 3 were targets:

        >>> from types import SimpleNamespace
        >>> rows = {"item": torch.tensor([3, 1, 3])}
        >>> dataset = SimpleNamespace(inter_feat=rows, iid_field="item", item_num=4, user_num=2)
        >>> SamplerContext(draws=None, dataset=dataset).popularity
        tensor([0, 1, 0, 2])
    """

    def __init__(
        self,
        draws: FNSampler,
        dataset: Dataset,
        memory: Remembered | None = None,
        dimension: int | None = None,
    ) -> None:
        self._draws, self.dataset, self.memory = draws, dataset, memory
        self.dimension = dimension
        self.num_items: int = dataset.item_num
        self.num_users: int = dataset.user_num

    def uniform(self, rows: RowBatch, num: int) -> Tensor:
        """Draws items uniformly, without those that are never negatives of the row.

        Args:
            rows: The rows.
            num: Items to draw for each row.

        Returns:
            Item ids, shape [rows, num], with repetitions.
        """
        return self._draws.draw(rows.users, rows.targets, num)

    def mask_excluded(self, scores: Tensor, users: Tensor) -> None:
        """Sets the scores of items that are never negatives of a user to -inf, in place.

        Args:
            scores: Scores of all items, shape [rows, num_items].
            users: User ids, shape [rows].
        """
        self._draws.mask_excluded(scores, users)

    def excluded(self, users: Tensor, targets: Tensor, items: Tensor) -> Tensor:
        """The positions of items that are never negatives, as `FNSampler.excluded` finds them."""
        return self._draws.excluded(users, targets, items)

    def is_free(self, rows: RowBatch, items: Tensor) -> Tensor:
        """Which items may be negatives of their rows.

        Args:
            rows: The rows.
            items: Item ids, shape [rows, items].

        Returns:
            A mask, shape [rows, items], bool.
        """
        free = torch.ones(items.shape, dtype=torch.bool, device=items.device)
        free.view(-1)[self.excluded(rows.users, rows.targets, items.int())] = False
        return free

    @property
    def excluded_histories(self) -> UserHistories | None:
        """The histories if their items are never negatives; None if only a row's target is not."""
        is_history = self._draws.settings.neg_exclude == "history"
        return self._draws.histories if is_history else None

    def num_free(self, rows: RowBatch) -> Tensor:
        """The number of items that `uniform` draws from, for each row, shape [rows]."""
        return self._draws.num_free(rows.users)

    def generator(self, device: torch.device) -> torch.Generator:
        """The source of randomness on a device; checkpoints contain its state."""
        return self._draws.generator(device)

    @property
    def histories(self) -> UserHistories:
        """The items of each user's training history."""
        return self._draws.histories

    @cached_property
    def popularity(self) -> Tensor:
        """How often each item is a target of training, shape [num_items], int64, on the CPU."""
        targets = self.dataset.inter_feat[self.dataset.iid_field]
        return torch.bincount(targets, minlength=self.num_items)
