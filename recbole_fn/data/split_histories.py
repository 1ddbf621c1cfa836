"""The items that users have had in several splits of a data set, for their rankings."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories, training_histories
from recbole_fn.utils.recbole_types import Dataset


def histories_of(datasets: Iterable[Dataset]) -> UserHistories:
    """Merges the histories of several data sets; see `training_histories`.

    With kinds of feedback, items of every kind count, whatever a model reads or trains on: so
    that rankings of different settings leave out the same items.

    Args:
        datasets: Splits of one data set.

    Example:
        The histories of training and validation together:

        >>> both = histories_of([run.train_data.dataset, run.valid_data.dataset])
        >>> len(both.pairs) - len(known_histories(run.train_data.dataset).pairs)
        80
    """
    parts = [_histories(dataset, "fn_pairs") for dataset in datasets]
    pairs = torch.unique(torch.cat([part.pairs for part in parts]))
    return UserHistories.from_pairs(pairs, len(parts[0].starts) - 1, parts[0].num_items)


def known_histories(dataset: Dataset) -> UserHistories:
    """The items of each user in a split; with kinds of feedback, the positive ones alone.

    Args:
        dataset: A split.

    Example:
        >>> known_histories(run.train_data.dataset).items_of(torch.tensor([1]))[1]
        tensor([ 1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12])
    """
    return _histories(dataset, "fn_positive_pairs")


def _histories(dataset: Dataset, of_kinds: str) -> UserHistories:
    """The pairs that a method of a data set with kinds finds, or those of its rows."""
    find: Callable[[], Tensor] | None = getattr(dataset, of_kinds, None)
    if find is None:
        return training_histories(dataset)
    return UserHistories.from_pairs(find(), dataset.user_num, dataset.item_num)
