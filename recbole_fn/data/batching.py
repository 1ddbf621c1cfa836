"""The rows of a training batch, and where the model encodes each of them."""

from dataclasses import dataclass

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD
from recbole_fn.data.trimming import HistoryColumns, trimmed
from recbole_fn.data.windows import Windows
from recbole_fn.utils.ragged import ragged_index
from recbole_fn.utils.recbole_types import Dataset


@dataclass(frozen=True)
class RowBatch:
    """The training rows of one batch.

    Attributes:
        interaction: What the model encodes: entries on the model's device. An entry is a row, or
            a window with several rows.
        rows: Row ids, shape [rows].
        users: User ids, shape [rows].
        targets: Target items, shape [rows].
        entry: In a window batch, the entry that encodes each row, shape [rows]; otherwise None.
        position: In a window batch, the position of each row in its entry, shape [rows];
            otherwise None.

    Example:
        >>> rows, users, targets = torch.arange(3), torch.tensor([1, 1, 2]), torch.tensor([4, 5, 4])
        >>> batch = RowBatch(Interaction({"item": targets}), rows, users, targets)
        >>> batch.select(torch.tensor([True, False, True])).users
        tensor([1, 2])
    """

    interaction: Interaction
    rows: Tensor
    users: Tensor
    targets: Tensor
    entry: Tensor | None = None
    position: Tensor | None = None

    def select(self, chosen: Tensor) -> "RowBatch":
        """A batch of the chosen rows, with only the entries that they need.

        Args:
            chosen: Mask of the rows, shape [rows], bool.
        """
        rows, users, targets = self.rows[chosen], self.users[chosen], self.targets[chosen]
        if self.entry is None or self.position is None:
            return RowBatch(_entries(self.interaction, chosen), rows, users, targets)
        # [entries needed], [rows chosen]
        needed, entry = torch.unique(self.entry[chosen], return_inverse=True)
        position = self.position[chosen]
        interaction = _entries(self.interaction, needed)
        return RowBatch(interaction, rows, users, targets, entry, position)


def _entries(interaction: Interaction, index: Tensor) -> Interaction:
    """Some entries of a batch; RecBole's own indexing is slow, as it uses Python lists."""
    return Interaction({name: value[index] for name, value in interaction.interaction.items()})


class PrefixBatching:
    """One row for each entry of a batch, as in RecBole.

    Args:
        dataset: The training set.
        trims: Whether the lists of a batch are cut to its longest history. The probe at the start
            of training decides whether the model gives equal results for cut lists.

    Example:
        >>> from types import SimpleNamespace
        >>> fields = {"user": torch.tensor([1]), "item": torch.tensor([3])}
        >>> fields |= {"item_list": torch.tensor([[7, 0]]), "length": torch.tensor([1])}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction(fields), config={"LIST_SUFFIX": "_list"},
        ...     uid_field="user", iid_field="item", item_list_length_field="length",
        ... )
        >>> batch = Interaction({**fields, ROW_FIELD: torch.tensor([0])})
        >>> rows = PrefixBatching(dataset, trims=True).rows(batch)
        >>> rows.targets, rows.interaction["item_list"]
        (tensor([3]), tensor([[7]]))
    """

    name = "prefix"

    def __init__(self, dataset: Dataset, trims: bool) -> None:
        self.user_field, self.item_field = dataset.uid_field, dataset.iid_field
        self.length_field = dataset.item_list_length_field
        self.lists = HistoryColumns.of(dataset)
        self.trims = trims

    def rows(self, interaction: Interaction) -> RowBatch:
        """The rows of a batch of an `FNTrainDataLoader`."""
        rows = interaction[ROW_FIELD]
        users, targets = interaction[self.user_field], interaction[self.item_field]
        return RowBatch(self.trim(interaction), rows, users, targets)

    def trim(self, interaction: Interaction) -> Interaction:
        """The batch as the model gets it: cut to its longest history, or unchanged."""
        if not self.trims:
            return interaction
        return trimmed(interaction, self.length_field, self.lists)


class WindowBatching(PrefixBatching):
    """All rows of a window for each entry of a batch: a causal model encodes them in one pass.

    Args:
        dataset: The training set.
        trims: As in `PrefixBatching`.
        windows: The windows of the data set.
        device: The model's device.

    Example:
        User 1 has the items 7, 3, 4, so two rows. One window ends at the second row and covers
        both, encoded at positions 0 and 1 of its list:

        >>> from types import SimpleNamespace
        >>> fields = {
        ...     "user": torch.tensor([1, 1]), "item": torch.tensor([3, 4]),
        ...     "item_list": torch.tensor([[7, 0], [7, 3]]), "length": torch.tensor([1, 2]),
        ... }
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction(fields), config={"LIST_SUFFIX": "_list"},
        ...     uid_field="user", iid_field="item", item_list_length_field="length",
        ... )
        >>> windows = Windows(anchors=torch.tensor([1]), num_rows=torch.tensor([2]))
        >>> batching = WindowBatching(dataset, False, windows, torch.device("cpu"))
        >>> ends = {name: field[1:] for name, field in fields.items()}
        >>> batch = Interaction({**ends, ROW_FIELD: torch.tensor([1])})
        >>> rows = batching.rows(batch)
        >>> rows.targets, rows.entry, rows.position
        (tensor([3, 4]), tensor([0, 0]), tensor([0, 1]))
    """

    name = "sequence"

    def __init__(
        self, dataset: Dataset, trims: bool, windows: Windows, device: torch.device
    ) -> None:
        super().__init__(dataset, trims)
        self.targets = dataset.inter_feat[dataset.iid_field].to(device)
        self.windows = windows.to(device)

    def rows(self, interaction: Interaction) -> RowBatch:
        """The rows of a batch of an `FNWindowDataLoader`."""
        anchors = interaction[ROW_FIELD]  # [entries]
        covered = self.windows.rows_covered(anchors)  # [entries]
        rows, entry, within = ragged_index(anchors - covered + 1, covered)  # [rows] each
        lengths = interaction[self.length_field]  # [entries]
        position = (lengths - covered)[entry] + within
        if self.windows.back is not None:
            position = lengths[entry] - 1 - self.windows.back[rows]
        users, targets = interaction[self.user_field][entry], self.targets[rows]
        return RowBatch(self.trim(interaction), rows, users, targets, entry, position)
