"""Plain interactions in pre-split files: the histories that RecBole reads are made."""

from itertools import accumulate
from typing import Protocol

import numpy as np
from recbole.utils import FeatureSource, FeatureType

from recbole_fn.data.time_order import TimeOrder
from recbole_fn.utils.recbole_types import Dataset


class PreSplitDataset(Dataset, Protocol):
    """A sequential data set of `benchmark_filename`, before it is built.

    Example:
        >>> dataset: PreSplitDataset = run.dataset
        >>> sorted(dataset.field2token_id)
        ['item_id', 'user_id']
    """

    file_size_list: list[int]
    field2token_id: dict[str, dict[str, int]]
    fn_lists_added: bool

    def set_field_property(self, field: str, kind: object, source: object, length: int) -> None:
        """Describes a column."""
        ...


def add_histories(dataset: PreSplitDataset, order: TimeOrder) -> None:
    """Gives each pre-split interaction the items that its user had before, in all earlier parts.

    A user's interactions are in the order of the parts, in each of them by time, if there is a time
    column; of equal times in the order of lines. The first interaction of a user has no history and
    is left out, as in one file.

    Args:
        dataset: RecBole's data set with the interactions of all parts; changed in place.
        order: The order in time of its rows, whose lines are those of all parts.

    Example:
        The hook of `SequentialDataset._benchmark_presets` calls it:

        >>> from recbole.data import create_dataset
        >>> dataset = create_dataset(parts_config)
        >>> dataset.inter_feat["item_id_list"][:3].tolist()  # the items before each interaction
        [array([1]), array([1, 2]), array([1, 2, 3])]
        >>> dataset.file_size_list  # without the first interaction of each user
        [615, 80, 80]
    """
    rows = dataset.inter_feat.reset_index(drop=True)
    # RecBole's filters may have left out lines.
    part = np.searchsorted(np.cumsum(dataset.file_size_list), order.lines, side="right")
    users = rows[dataset.uid_field].to_numpy()
    places = np.lexsort([order.lines, order.ranks, part, users])  # the last key is the first one
    items = rows[dataset.iid_field].to_numpy()[places]
    histories = _histories(users[places], items, _width(dataset))
    field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    rows = rows.iloc[places].assign(**{field: histories})
    has_history = np.array([len(history) > 0 for history in histories])
    # RecBole cuts the parts from the rows by their sizes.
    by_part = np.argsort(part[places][has_history], kind="stable")
    dataset.inter_feat = rows[has_history].iloc[by_part].reset_index(drop=True)
    dataset.file_size_list = np.bincount(
        part[places][has_history], minlength=len(dataset.file_size_list)
    ).tolist()
    _describe(dataset, field)
    dataset.fn_lists_added = True


def has_lists_of_files(dataset: Dataset) -> bool:
    """Whether the rows of a data set and their lists are those of pre-split files.

    Args:
        dataset: A sequential data set of RecBole.

    Example:
        >>> from recbole.data import create_dataset
        >>> has_lists_of_files(create_dataset(parts_config)), has_lists_of_files(run.dataset)
        (False, False)
    """
    return bool(dataset.config["benchmark_filename"]) and not hasattr(dataset, "fn_lists_added")


def _histories(users: np.ndarray, items: np.ndarray, width: int) -> list[np.ndarray]:
    """The at most `width` items before each interaction of the same user."""
    changes = np.r_[True, users[1:] != users[:-1]]
    starts = accumulate(np.where(changes, np.arange(len(users)), 0), max)
    return [items[max(start, end - width) : end] for end, start in enumerate(starts)]


def _width(dataset: PreSplitDataset) -> int:
    return int(dataset.config["MAX_ITEM_LIST_LENGTH"])


def _describe(dataset: PreSplitDataset, field: str) -> None:
    item = dataset.iid_field
    dataset.set_field_property(
        field, FeatureType.TOKEN_SEQ, FeatureSource.INTERACTION, _width(dataset)
    )
    dataset.field2id_token[field] = dataset.field2id_token[item]
    dataset.field2token_id[field] = dataset.field2token_id[item]
