"""Windows: spans of a user's history with rows that a causal model encodes in one pass.

RecBole makes a padded row of each prefix of a history. The last row of a window holds the items
of all the window's rows, so a window is a row of the same data set and needs no extra data.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.chains import lists_chain
from recbole_fn.data.prefixes import PrefixInteraction, place_within
from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 100_000  # windows whose lists are read at a time


@dataclass(frozen=True)
class Windows:
    """Which rows of a training set are encoded together.

    Attributes:
        anchors: The last row of each window, ascending, shape [windows].
        num_rows: Rows that each window covers, the last row included, shape [windows].
        back: How many items the history of each row ends before that of its window, shape
            [rows]; None where each row has one item less than the next.

    Example:
        >>> windows = Windows(anchors=torch.tensor([2, 3]), num_rows=torch.tensor([3, 1]))
        >>> len(windows), windows.rows_covered(torch.tensor([3, 2]))
        (2, tensor([1, 3]))
    """

    anchors: Tensor
    num_rows: Tensor
    back: Tensor | None = None

    def __len__(self) -> int:
        return len(self.anchors)

    def rows_covered(self, anchors: Tensor) -> Tensor:
        """Rows of the windows that end at these anchors: shape [entries] for [entries]."""
        return self.num_rows[torch.searchsorted(self.anchors, anchors)]

    def to(self, device: torch.device) -> "Windows":
        """The windows on a device."""
        back = None if self.back is None else self.back.to(device)
        return Windows(self.anchors.to(device), self.num_rows.to(device), back)


def plan_windows(
    users: Tensor, max_length: int, stride: int, lengths: Tensor | None = None
) -> Windows:
    """Covers each user's rows with windows; the first window that can hold a row covers it.

    A window holds the last `max_length` items before its end. The first window of a user ends at
    the first row with a list of `max_length` items, and each next one `stride` rows later. So rows
    of the first window see the same history as in a row of their own, and later rows at least the
    last `max_length - stride + 1` items of it: with a stride of 1, all items.

    Args:
        users: User of each row, in time order, shape [rows]. Where a user's rows are in several
            runs, with those of others between, each run has windows of its own.
        max_length: Items in the list of a row.
        stride: Rows from the end of a window to the end of the next one, 1 to `max_length`.
        lengths: Items in the list of each row, at most `max_length`, shape [rows]; that of a run's
            first row is read. By default it is 1: rows begin with a user's second item.

    Returns:
        The windows.

    Example:
        Seven rows of a user, in windows of three:

        >>> windows = plan_windows(torch.ones(7), max_length=3, stride=3)
        >>> windows.anchors, windows.num_rows
        (tensor([2, 5, 6]), tensor([3, 3, 1]))

        The same, where the first of them has a list of two items already:

        >>> later = torch.tensor([2, 3, 3, 3, 3, 3, 3])
        >>> plan_windows(torch.ones(7), max_length=3, stride=3, lengths=later).num_rows
        tensor([2, 3, 2])
    """
    index, place = torch.arange(len(users)), place_within(users)
    is_last = torch.cat([place[1:] == 0, torch.ones(1, dtype=torch.bool)])
    first = 1 if lengths is None else lengths[index - place]
    beyond = place + first - max_length  # rows after the end of the first window
    anchors = index[is_last | ((beyond >= 0) & (beyond % stride == 0))]
    return Windows(anchors, torch.diff(anchors, prepend=index.new_tensor([-1])))


def plan_windows_of_some(users: Tensor, seen: Tensor, max_length: int, stride: int) -> Windows:
    """As `plan_windows`, where not every item of a history is the target of a row.

    Args:
        users: As in `plan_windows`.
        seen: How many items each row's user has had before, rising with a user's rows, shape
            [rows].
        max_length: Items in the list of a row.
        stride: As in `plan_windows`, in items.

    Example:
        A user's rows after 1, 3, 4 and 6 items, in windows of three; the last one sees item 6:

        >>> windows = plan_windows_of_some(torch.ones(4), torch.tensor([1, 3, 4, 6]), 3, stride=3)
        >>> windows.anchors, windows.num_rows, windows.back
        (tensor([1, 3]), tensor([2, 2]), tensor([2, 0, 2, 0]))
    """
    beyond = (seen - max_length).clamp_min(0)  # [rows]
    number = torch.div(beyond + stride - 1, stride, rounding_mode="floor")  # of a user's windows
    is_last = torch.ones_like(users, dtype=torch.bool)
    is_last[:-1] = (users[1:] != users[:-1]) | (number[1:] != number[:-1])
    anchors = is_last.nonzero().squeeze(1)
    num_rows = torch.diff(anchors, prepend=anchors.new_tensor([-1]))
    return Windows(anchors, num_rows, seen[anchors].repeat_interleave(num_rows) - seen)


def single_rows(dataset: Dataset) -> Windows:
    """Windows of one row each, for a model that encodes row by row.

    Args:
        dataset: The built training set.

    Example:
        >>> from types import SimpleNamespace
        >>> single_rows(SimpleNamespace(inter_feat=range(3))).num_rows
        tensor([1, 1, 1])
    """
    index = torch.arange(len(dataset.inter_feat))
    return Windows(index, torch.ones_like(index))


def find_windows(dataset: Dataset, stride: int | None = None) -> Windows | None:
    """Plans windows for a training set, if its rows allow them.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.
        stride: As in `plan_windows`; by default, and at most, the items in the list of a row.

    Returns:
        The windows, or None if the rows are not the prefixes of each user's history in order
        (as may be with pre-split benchmark files). With feedback, not every prefix must be a row.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1, 1], "item": [8, 9], "item_list": [[7, 0], [7, 8]], "n": [1, 2]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", item_list_length_field="n",
        ...     config={"LIST_SUFFIX": "_list"},
        ... )
        >>> find_windows(dataset).num_rows
        tensor([2])
    """
    rows = dataset.inter_feat
    # One file's lists are cut from the histories themselves.
    if len(rows) == 0 or not (isinstance(rows, PrefixInteraction) or lists_chain(dataset)):
        return None
    list_field = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    width = rows[:1][list_field].shape[1]
    users, lengths = rows[dataset.uid_field], rows[dataset.item_list_length_field]
    windows = plan_windows(users, width, min(stride or width, width), lengths)
    for part in zip(windows.anchors.split(_CHUNK), windows.num_rows.split(_CHUNK), strict=False):
        listed = rows[part[0]][list_field]  # [windows, length]
        if not _follows_targets(Windows(*part), lengths[part[0]], listed, rows[dataset.iid_field]):
            return _windows_of_some(dataset, width, min(stride or width, width))
    return windows


def _windows_of_some(dataset: Dataset, width: int, stride: int) -> Windows | None:
    """Windows of rows whose histories hold more than targets (`fn_feedback_inputs`), or None."""
    if not hasattr(dataset, "fn_source_users"):
        return None
    users, ends = (
        dataset.inter_feat[dataset.uid_field],
        dataset.inter_feat.interaction.prefixes.ends,
    )
    before = torch.bincount(dataset.fn_source_users, minlength=dataset.user_num).cumsum(0)
    seen = ends - before[users - 1]  # items of earlier users lie before
    is_same = users[1:] == users[:-1]
    are_together = int((~is_same).sum()) + 1 == len(users.unique())
    if not are_together or not bool((seen[1:] >= seen[:-1])[is_same].all()):
        return None
    return plan_windows_of_some(users, seen, width, stride)


def _follows_targets(windows: Windows, lengths: Tensor, listed: Tensor, targets: Tensor) -> bool:
    """Whether each covered row's target is the next item of its window's list."""
    if bool((lengths < windows.num_rows).any()):
        return False
    column = torch.arange(1, listed.shape[1])  # [length - 1], the item after position column - 1
    back = (lengths - column.unsqueeze(1)).t()  # [windows, length - 1], rows from it to the anchor
    is_covered = (back > 0) & (back < windows.num_rows.unsqueeze(1))
    row = torch.where(is_covered, windows.anchors.unsqueeze(1) - back, 0)  # as `back`
    return bool((targets[row] == listed[:, 1:])[is_covered].all())
