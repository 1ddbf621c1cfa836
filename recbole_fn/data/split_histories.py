"""The items that users have had in several splits of a data set, for their rankings."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories, training_histories
from recbole_fn.utils.recbole_types import Dataset


def histories_of(datasets: Iterable[Dataset]) -> UserHistories:
    """Merges the histories of several data sets; see `training_histories`.

    With kinds of feedback, only positive items count, whatever a model reads or trains on: so
    that rankings of different settings leave out the same items.

    Args:
        datasets: Splits of one data set.

    Example:
        The histories of training and validation together:

        >>> both = histories_of([run.train_data.dataset, run.valid_data.dataset])
        >>> len(both.pairs) - len(known_histories(run.train_data.dataset).pairs)
        80
    """
    parts = [known_histories(dataset) for dataset in datasets]
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
    pairs = positive_pairs(dataset)
    if pairs is None:
        return training_histories(dataset)
    return UserHistories.from_pairs(pairs, dataset.user_num, dataset.item_num)


def positive_pairs(dataset: Dataset) -> Tensor | None:
    """The positive items of each user up to the last target in a data set with kinds of feedback.

    Args:
        dataset: A split.

    Returns:
        Distinct `user * num_items + item`, ascending, shape [pairs]; None without kinds.

    Example:
        >>> from types import SimpleNamespace
        >>> positive_pairs(SimpleNamespace()) is None
        True
    """
    find: Callable[[], Tensor] | None = getattr(dataset, "fn_positive_pairs", None)
    return None if find is None else find()
