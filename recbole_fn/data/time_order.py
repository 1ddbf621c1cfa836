"""The order of interactions by their whole timestamps, which RecBole rounds to float32 first."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.utils.recbole_types import Dataset, Interaction


@dataclass
class TimeOrder:
    """Stands in for the timestamps of a data set while RecBole sorts and splits it.

    Attributes:
        ranks: Place of each row's time among the distinct times, from 1, shape [rows].
        lines: Line of the file that each row comes from, shape [rows].
        values: By rank, the times as RecBole has them after its processing; 0 for padding,
            shape [1 + distinct times, ...]. None until `replace_column`.

    Example:
        >>> order = TimeOrder.of(time_ranks(np.array([1.7e9 + 20, 1.7e9])))
        >>> rows = {"time": torch.tensor([1.7e9, 1.7e9])}  # equal in float32
        >>> order.replace_column(rows, "time")
        >>> rows["time"]
        tensor([2, 1])
        >>> order.values_at(rows["time"])
        tensor([1.7000e+09, 1.7000e+09])
    """

    ranks: np.ndarray
    lines: np.ndarray
    values: Tensor | None = None

    @classmethod
    def of(cls, ranks: np.ndarray) -> "TimeOrder":
        """The order of rows that are the lines of a file, one after another."""
        return cls(ranks, np.arange(len(ranks)))

    def keep(self, lines: np.ndarray) -> None:
        """Keeps some lines, as RecBole's filters left them, in their order."""
        self.ranks, self.lines = self.ranks[lines], lines

    def places(self, lines: np.ndarray) -> np.ndarray:
        """The place in time of lines, of which none have been left out; ties by line."""
        places: np.ndarray = np.empty(len(self.ranks), dtype=np.int64)
        places[np.lexsort([self.lines, self.ranks])] = np.arange(len(places))
        chosen: np.ndarray = places[lines]
        return chosen

    def by_lines(self) -> np.ndarray:
        """The rows in the order of their lines; RecBole shuffles ties when it drops duplicates."""
        order: np.ndarray = np.argsort(self.lines, kind="stable")
        self.ranks, self.lines = self.ranks[order], self.lines[order]
        return order

    def replace_column(self, rows: dict[str, Tensor], field: str) -> None:
        """Puts the ranks in place of a column of times, and keeps its values."""
        column, ranks = rows[field], torch.from_numpy(self.ranks)
        self.values = column.new_zeros(int(ranks.max()) + 1, *column.shape[1:])
        self.values[ranks] = column
        # A numerical feature has pairs; RecBole sorts by the first of each.
        shape = (-1, *[1] * (column.dim() - 1))
        rows[field] = ranks.reshape(shape).expand(column.shape).contiguous()

    def values_at(self, ranks: Tensor) -> Tensor:
        """The times of ranks, of RecBole's type."""
        assert self.values is not None
        index = ranks if self.values.dim() == 1 else ranks[..., 0]
        times = self.values[index.long()]
        return times.to(ranks.dtype) if ranks.is_floating_point() else times


def time_ranks(times: np.ndarray) -> np.ndarray:
    """The place of each time among the distinct times, from 1; equal times have equal ranks.

    Args:
        times: Numbers, or their texts, which are compared as they are written, shape [rows].

    Example:
        >>> time_ranks(np.array(["1700000000000000002", "1700000000000000001"], dtype=object))
        array([2, 1])
        >>> time_ranks(np.array(["0.1", "1e-1", "-3"], dtype=object))
        array([2, 2, 1])
    """
    if times.dtype != object:
        ranks: np.ndarray = np.unique(times, return_inverse=True)[1]
        return ranks.reshape(-1) + 1
    try:
        return time_ranks(times.astype(np.int64))
    except (ValueError, OverflowError):
        codes, texts = pd.factorize(times)
    numbers = [Decimal(text) for text in texts]
    place = {number: rank for rank, number in enumerate(sorted(set(numbers)), 1)}
    return np.array([place[number] for number in numbers])[codes]


def users_out_of_order(users: np.ndarray, times: np.ndarray) -> int:
    """Counts the users whose rows RecBole puts into another order than their times.

    Args:
        users: User of each row, shape [rows].
        times: Time of each row, float64, shape [rows].

    Example:
        >>> users_out_of_order(np.array([1, 1, 2]), np.array([1.7e9 + 20, 1.7e9, 0]))
        1
    """
    rounded = times.astype(np.float32)
    by_whole, by_rounded = np.lexsort((times, users)), np.lexsort((rounded, users))
    return len(np.unique(users[by_whole[by_whole != by_rounded]]))


def restore_times(order: TimeOrder, rows: Interaction, fields: list[str]) -> None:
    """Puts the times back in the place of their ranks, in the columns that are left.

    Example:
        >>> from recbole.data.interaction import Interaction as Columns
        >>> rows = Columns({"time": torch.tensor([2, 1])})
        >>> values = torch.tensor([0.0, 10.0, 30.0])
        >>> restore_times(TimeOrder(np.array([2, 1]), np.arange(2), values), rows, ["time"])
        >>> rows["time"]
        tensor([30., 10.])
    """
    for field in fields:
        if field in rows:
            rows.interaction[field] = order.values_at(rows[field])


def order_of(dataset: Dataset) -> TimeOrder | None:
    """The order that a data set is sorted by; None for RecBole's own.

    Example:
        >>> from types import SimpleNamespace
        >>> order = TimeOrder.of(np.array([2, 1]))
        >>> order_of(SimpleNamespace(fn_time_order=order)) is order, order_of(SimpleNamespace())
        (True, None)
    """
    order: TimeOrder | None = vars(dataset).get("fn_time_order")
    return order
