"""Windows: spans of a user's history whose rows a causal model encodes in one pass.

RecBole makes one padded row of each prefix of a history. The row at the end of a window holds
the items of all of them, so windows are rows of the same data set, and need no data of their own.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.prefixes import place_within

_CHUNK = 100_000  # windows whose lists are read at a time


@dataclass(frozen=True)
class Windows:
    """Which rows of a training set are encoded together.

    Attributes:
        anchors: The last row of each window, ascending, shape [W].
        num_rows: Rows that each window covers: itself and those before it, shape [W].
    """

    anchors: Tensor
    num_rows: Tensor

    def __len__(self) -> int:
        return len(self.anchors)

    def rows_covered(self, anchors: Tensor) -> Tensor:
        """Rows covered by the windows that end at the given anchors: shape [B] for [B]."""
        return self.num_rows[torch.searchsorted(self.anchors, anchors)]

    def to(self, device: torch.device) -> "Windows":
        """The same windows on another device."""
        return Windows(self.anchors.to(device), self.num_rows.to(device))


def plan_windows(users: Tensor, max_length: int, stride: int) -> Windows:
    """Covers each user's rows with windows, each row once: by the first that can hold it.

    A window holds the last `max_length` items before its end. A user's first window ends at row
    `max_length` and the next ones `stride` rows after one another, so the rows of the first see
    exactly the history that they see alone, and later rows at least the last
    `max_length - stride + 1` items of it: with a stride of 1, all that they see alone.

    Args:
        users: User of each row, a user's rows together and in time order, shape [R].
        max_length: Items that a row can hold.
        stride: Rows from the end of a window to the end of the next one, 1 to `max_length`.

    Returns:
        The windows.
    """
    index, place = torch.arange(len(users)), place_within(users)
    is_last = torch.cat([place[1:] == 0, torch.ones(1, dtype=torch.bool)])
    beyond = place - (max_length - 1)  # rows behind the end of the first window
    anchors = index[is_last | ((beyond >= 0) & (beyond % stride == 0))]
    return Windows(anchors, torch.diff(anchors, prepend=index.new_tensor([-1])))


def single_rows(dataset: Any) -> Windows:
    """Windows of one row each: for a model that encodes a row at a time."""
    index = torch.arange(len(dataset.inter_feat))
    return Windows(index, torch.ones_like(index))


def find_windows(dataset: Any, stride: int | None = None) -> Windows | None:
    """Plans windows for a training set, if its rows allow it.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.
        stride: As in `plan_windows`; by default, and at most, the items that a row can hold.

    Returns:
        The windows, or None where the rows are not the prefixes of each user's history in
        order (pre-split benchmark files can be anything).
    """
    rows = dataset.inter_feat
    if len(rows) == 0:
        return None
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    width = rows[:1][list_field].shape[1]
    windows = plan_windows(rows[dataset.uid_field], width, min(stride or width, width))
    for part in zip(windows.anchors.split(_CHUNK), windows.num_rows.split(_CHUNK), strict=False):
        lengths = rows[dataset.item_list_length_field][part[0]]
        listed = rows[part[0]][list_field]  # [W, L]
        if not _follows_targets(Windows(*part), lengths, listed, rows[dataset.iid_field]):
            return None
    return windows


def _follows_targets(windows: Windows, lengths: Tensor, listed: Tensor, targets: Tensor) -> bool:
    """Whether each covered row's target is the next item of its window's list."""
    if bool((lengths < windows.num_rows).any()):
        return False
    column = torch.arange(1, listed.shape[1])  # [L - 1], the item after position column - 1
    back = (lengths - column.unsqueeze(1)).t()  # [W, L - 1], rows between it and the anchor
    is_covered = (back > 0) & (back < windows.num_rows.unsqueeze(1))
    row = torch.where(is_covered, windows.anchors.unsqueeze(1) - back, 0)
    return bool((targets[row] == listed[:, 1:])[is_covered].all())
