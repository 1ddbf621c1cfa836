"""The truth of rows: what the user of a row would have liked at the step of its target."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.simulation.truth import Truth
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 4096  # rows whose catalogue is read at a time
_PAIRS = 1_000_000  # pairs whose tastes are copied at a time


@dataclass(frozen=True)
class RowTruth:
    """The truth in terms of RecBole's ids.

    Attributes:
        truth: The world's truth, with its items in the order of RecBole's ids.
        users: The world's user of each row, shape [rows].
        steps: The step of each row's target, shape [rows].
        sampler: Masks the items that are never drawn for a row.
        row_users: RecBole's user of each row, shape [rows].
        targets: RecBole's target of each row, shape [rows].

    Example:
        A user whose affinity is 0.9 to item 1 and 0.1 to item 2, with threshold 0.5:

        >>> tastes, thresholds = np.ones((1, 1, 1)), np.array([[0.5]])
        >>> truth = Truth(tastes, thresholds, np.array([[0.0], [0.9], [0.1]]))
        >>> user = step = np.array([0])
        >>> rows = RowTruth(truth, user, step, None, torch.tensor([1]), torch.tensor([2]))
        >>> rows.liked(torch.tensor([0, 0]), torch.tensor([1, 2]))
        tensor([ True, False])
    """

    truth: Truth
    users: NDArray[np.integer]
    steps: NDArray[np.integer]
    sampler: FNSampler
    row_users: Tensor
    targets: Tensor

    def liked(self, rows: Tensor, items: Tensor) -> Tensor:
        """Whether the users of rows [pairs] liked items [pairs] at the rows' steps: [pairs]."""
        parts = zip(rows.split(_PAIRS), items.split(_PAIRS), strict=False)
        return torch.cat([self._liked(row.numpy(), item.numpy()) for row, item in parts])

    @property
    def num_liked(self) -> Tensor:
        """The number of items that are liked and can be drawn, for each row, shape [rows]."""
        return self._numbers[0]

    @property
    def base(self) -> Tensor:
        """The fraction of liked items among those that can be drawn, for each row, shape [rows]."""
        num_liked, num_free = self._numbers
        return num_liked.double() / num_free.clamp(min=1)

    def _liked(self, rows: NDArray[np.integer], items: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(self.truth.liked(self.users[rows], self.steps[rows], items))

    @cached_property
    def _numbers(self) -> tuple[Tensor, Tensor]:
        chunks = torch.arange(len(self.users)).split(_CHUNK)
        num_liked, num_free = zip(*(self._numbers_of(rows) for rows in chunks), strict=False)
        return torch.cat(num_liked), torch.cat(num_free)

    def _numbers_of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The numbers of liked and of all items that can be drawn: [rows] each."""
        at = rows.numpy()
        liked = torch.from_numpy(self.truth.liked_catalogue(self.users[at], self.steps[at]))
        free = torch.zeros(liked.shape)  # [rows, num_items]
        self.sampler.mask_excluded(free, self.row_users[rows])
        free[:, 0] = -torch.inf  # the padding
        free[torch.arange(len(rows)), self.targets[rows]] = -torch.inf
        return (liked & (free == 0)).sum(1), (free == 0).sum(1)


def row_truth(truth: Truth, dataset: Dataset, sampler: FNSampler) -> RowTruth:
    """Finds the user and the step of each row.

    Args:
        truth: The truth of the data set.
        dataset: A built set of rows.
        sampler: The sampler of negatives.

    Raises:
        InputError: if the rows are not of the simulated world: other tokens or timestamps.

    Example:
        >>> from types import SimpleNamespace
        >>> truth = Truth(np.ones((1, 1, 1)), np.array([[0.5]]), np.array([[0.9], [0.1]]))
        >>> numbers = {"user": torch.tensor([1]), "item": torch.tensor([2]), "time": torch.zeros(1)}
        >>> tokens = {"user": ["[PAD]", "u0"], "item": ["[PAD]", "i1", "i0"]}
        >>> fields = {"uid_field": "user", "iid_field": "item", "time_field": "time"}
        >>> dataset = SimpleNamespace(inter_feat=numbers, field2id_token=tokens, **fields)
        >>> row_truth(truth, dataset, None).liked(torch.tensor([0]), torch.tensor([2]))
        tensor([True])
    """
    rows = dataset.inter_feat
    world_user = _numbers_in(dataset.field2id_token[dataset.uid_field], "u")
    world_item = _numbers_in(dataset.field2id_token[dataset.iid_field], "i")
    row_users, targets = rows[dataset.uid_field], rows[dataset.iid_field]
    steps = rows[dataset.time_field].long()
    users, length = world_user[row_users.numpy()], truth.thresholds.shape[1]
    if max(world_item) >= len(truth.vectors) or max(users) >= len(truth.tastes):
        raise InputError(
            f"the .inter file has the user u{max(users)} or the item i{max(world_item)}; it must "
            f"have users to u{len(truth.tastes) - 1} and items to i{len(truth.vectors) - 1} only, "
            f"as its truth file"
        )
    if not ((steps >= 0) & (steps < length) & (steps == rows[dataset.time_field])).all():
        raise InputError(
            f"the .inter file has in {dataset.time_field} other values than steps; they must be "
            f"from 0 to {length - 1}"
        )
    in_order = Truth(truth.tastes, truth.thresholds, truth.vectors[world_item])
    return RowTruth(in_order, users, steps.numpy(), sampler, row_users, targets)


def _numbers_in(tokens: NDArray[np.str_], letter: str) -> NDArray[np.integer]:
    """The number in each token, such as 7 in u7; 0 for the padding, which comes first."""
    wrong = [token for token in tokens[1:] if token[0] != letter or not token[1:].isdigit()]
    if wrong:
        raise InputError(
            f"the .inter file has the token {str(wrong[0])!r}; it must be one of {letter}0, "
            f"{letter}1, ..."
        )
    return np.array([0, *(int(token[1:]) for token in tokens[1:])])
