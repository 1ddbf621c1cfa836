"""The rows that a run trains and tests with, without their whole lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 50_000  # rows whose lists are cut at a time


@dataclass(frozen=True)
class Rows:
    """Rows of a run: each is a target after a history.

    Attributes:
        users: User ids, shape [rows].
        targets: Item ids, shape [rows].
        last: The last item of each history, shape [rows].
        lengths: Items in each history, shape [rows].

    Example:
        >>> row = np.array([1])
        >>> Rows(users=row, targets=row, last=row, lengths=row).lengths
        array([1])
    """

    users: np.ndarray
    targets: np.ndarray
    last: np.ndarray
    lengths: np.ndarray


def rows_of(splits: Sequence[Dataset]) -> Rows:
    """The rows of the parts of a data set, one after another.

    Args:
        splits: Built parts of a sequential data set.

    Example:
        >>> int(rows_of([run.train_data.dataset]).lengths.max())
        13
    """
    parts = [_columns(split, chunk) for split in splits for chunk in _chunks(split)]
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def items_seen(split: Dataset) -> Tensor:
    """Which items are the target or in the history of a row.

    Args:
        split: A built part of a sequential data set.

    Returns:
        A mask, shape [items], bool.

    Example:
        >>> items_seen(run.train_data.dataset).sum()
        tensor(51)
    """
    seen = torch.zeros(split.item_num, dtype=torch.bool)
    for chunk in _chunks(split):
        seen[chunk[split.iid_field]] = True
        seen[chunk[_list_field(split)].flatten()] = True
    return seen


def _chunks(split: Dataset) -> Iterator[Interaction]:
    for begin in range(0, max(len(split.inter_feat), 1), _CHUNK):
        yield split.inter_feat[slice(begin, begin + _CHUNK)]


def _columns(split: Dataset, rows: Interaction) -> tuple[np.ndarray, ...]:
    lengths = rows[split.item_list_length_field]
    last = rows[_list_field(split)][torch.arange(len(lengths)), lengths.clamp(min=1) - 1]
    columns = (rows[split.uid_field], rows[split.iid_field], last, lengths)
    return tuple(column.numpy() for column in columns)


def _list_field(split: Dataset) -> str:
    return str(split.iid_field + split.config["LIST_SUFFIX"])
