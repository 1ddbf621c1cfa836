"""The interface of a negative sampler."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.data.batching import RowBatch
from recbole_fn.data.history import UserHistories
from recbole_fn.negatives.recbole_sampler import FNSampler

Score = Callable[[Tensor], Tensor]
"""Scores [M, K] of items [M, K] with the model as it is, without gradient.

A row is encoded once in a step, however often this is called.
"""


@dataclass(frozen=True)
class Negatives:
    """Sampled negatives of M rows.

    Attributes:
        items: Item ids, shape [M, N].
        log_q: Log of how many times a visit is expected to hold each item, shape [M, N]; None
            where every item that can be drawn is equally likely.
        valid: Which of them take part in the loss, shape [M, N], bool; False for an accidental
            hit, a known positive or a duplicate. None where all of them do.
        labels: What is known of them, from 0 (negative) to 1 (as positive as the target), shape
            [M, N]; None where all are negatives.
    """

    items: Tensor
    log_q: Tensor | None = None
    valid: Tensor | None = None
    labels: Tensor | None = None


class SamplerContext:
    """What a sampler may ask of the run that it is made for.

    Args:
        draws: Draws items uniformly, as `fn_neg_exclude` says.
        dataset: The built training set.

    Attributes:
        num_items: Size of the catalogue, the padding id 0 included.
        num_users: Number of users, the padding id 0 included.
        dataset: The built training set; `RowBatch.rows` are its rows.
    """

    def __init__(self, draws: FNSampler, dataset: Any) -> None:
        self._draws, self.dataset = draws, dataset
        self.num_items: int = dataset.item_num
        self.num_users: int = dataset.user_num

    def uniform(self, rows: RowBatch, num: int) -> Tensor:
        """Items drawn uniformly, without those that are never negatives of the row.

        Args:
            rows: M rows.
            num: Items for each row, N.

        Returns:
            Item ids, shape [M, N], with repetitions.
        """
        return self._draws.draw(rows.users, rows.targets, num)

    def mask_excluded(self, scores: Tensor, users: Tensor) -> None:
        """Puts items that are never negatives of a user below all others, in place.

        Args:
            scores: Scores of all items, shape [M, num_items].
            users: User ids, shape [M].
        """
        self._draws.mask_excluded(scores, users)

    def num_free(self, rows: RowBatch) -> Tensor:
        """How many items `uniform` draws from for each row, shape [M]."""
        return self._draws.num_free(rows.users)

    def generator(self, device: torch.device) -> torch.Generator:
        """The source of randomness of negatives; its state is a part of every checkpoint."""
        return self._draws.generator(device)

    @property
    def histories(self) -> UserHistories:
        """The items that each user has had in training."""
        return self._draws.histories

    @cached_property
    def popularity(self) -> Tensor:
        """How often each item is a target of training, shape [num_items], int64, on the CPU."""
        targets = self.dataset.inter_feat[self.dataset.iid_field]
        return torch.bincount(targets, minlength=self.num_items)


class NegativeSampler(Component, ABC):
    """Draws the negatives of a batch's rows. A subclass writes `sample`.

    With several processes each of them sees the whole batch and draws the same negatives, and
    `score` brings the scores of all rows together; so a sampler never knows how many there are.

    Attributes:
        covers_catalogue: Whether all items are negatives of each row, so none is drawn.

    Args:
        context: The run.
        args: An instance of the class's `Args`.

    Example:
        The negatives that the model ranks highest in a larger draw, as dynamic negative sampling
        does (Zhang et al., SIGIR 2013):

        >>> class Hardest(NegativeSampler):
        ...     def sample(self, rows, num, score):
        ...         pool = self.context.uniform(rows, 4 * num)
        ...         return Negatives(pool.gather(1, score(pool).topk(num, dim=1).indices))
    """

    covers_catalogue: ClassVar[bool] = False

    def __init__(self, context: SamplerContext, args: Any) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws negatives.

        Args:
            rows: M rows.
            num: Negatives for each row, N.
            score: Scores of items; see `Score`.
        """

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """Log of how many times a visit is expected to hold each of the negatives, shape [M, N].

        Args:
            rows: M rows.
            negatives: What `sample` returned for them.
        """
        if negatives.log_q is not None:
            return negatives.log_q
        return uniform_log_q(negatives.items.shape[1], self.context.num_free(rows))

    def observe(self, rows: RowBatch, negatives: Negatives, scores: Tensor) -> None:
        """Sees what a step came to, once an epoch for each row; does nothing by default.

        Args:
            rows: The M rows of the step.
            negatives: What `sample` returned, but for remembered items that took the first
                places.
            scores: The model's scores of these items, shape [M, N].
        """

    def end_epoch(self) -> None:
        """Is called after each epoch; does nothing by default."""

    def state_dict(self) -> dict[str, Tensor]:
        """What a resumed run needs beside the generator's state; part of every checkpoint."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Takes over what `state_dict` returned."""
        if state:
            raise ValueError(f"{type(self).__name__} has no load_state_dict for its state")


def uniform_log_q(num: int, num_free: Tensor) -> Tensor:
    """Log of how many times `num` uniform draws are expected to hold an item.

    Args:
        num: Draws for each row, N.
        num_free: Items that can be drawn for each row, shape [M].

    Returns:
        `log(N / num_free)`, shape [M, N].
    """
    log_q = math.log(num) - num_free.float().log()
    return log_q.unsqueeze(1).expand(-1, num)
