"""What training reads of a batch: its rows, and where the model encodes each of them."""

from dataclasses import dataclass
from typing import Any

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD
from recbole_fn.data.windows import Windows
from recbole_fn.utils.ragged import ragged_index


@dataclass(frozen=True)
class RowBatch:
    """M training rows of one batch.

    Attributes:
        interaction: What the model encodes, B entries on the model's device.
        rows: Row ids, shape [M].
        users: User ids, shape [M].
        targets: Target items, shape [M].
        entry: For window batches, which of the B entries encodes a row, shape [M].
        position: For window batches, at which position of it, shape [M].
    """

    interaction: Interaction
    rows: Tensor
    users: Tensor
    targets: Tensor
    entry: Tensor | None = None
    position: Tensor | None = None

    def select(self, chosen: Tensor) -> "RowBatch":
        """The chosen rows alone, encoded from the entries that they need.

        Args:
            chosen: Which rows, shape [M], bool.
        """
        rows, users, targets = self.rows[chosen], self.users[chosen], self.targets[chosen]
        if self.entry is None or self.position is None:
            return RowBatch(_entries(self.interaction, chosen), rows, users, targets)
        needed, entry = torch.unique(self.entry[chosen], return_inverse=True)
        position = self.position[chosen]
        interaction = _entries(self.interaction, needed)
        return RowBatch(interaction, rows, users, targets, entry, position)


def _entries(interaction: Interaction, index: Tensor) -> Interaction:
    """Some entries of a batch; RecBole's own indexing goes through Python lists."""
    return Interaction({name: value[index] for name, value in interaction.interaction.items()})


def trimmed(interaction: Interaction, length_field: str, list_length: int) -> Interaction:
    """A batch cut to its longest history.

    Args:
        interaction: A batch whose lists are padded on the right.
        length_field: The field of the histories' lengths.
        list_length: Items that a list holds, padding included.
    """
    longest = int(interaction[length_field].max())
    return Interaction(
        {
            name: value[:, :longest] if value.dim() > 1 and value.shape[1] == list_length else value
            for name, value in interaction.interaction.items()
        }
    )


class PrefixBatching:
    """One row for each entry of a batch, as in RecBole.

    Args:
        dataset: The training set.
        trims: Whether the model gives the same for lists that are cut to the longest history.
    """

    name = "prefix"

    def __init__(self, dataset: Any, trims: bool) -> None:
        self.user_field, self.item_field = dataset.uid_field, dataset.iid_field
        self.length_field, self.list_length = dataset.item_list_length_field, list_length(dataset)
        self.trims = trims

    def rows(self, interaction: Interaction) -> RowBatch:
        """Reads the rows of a batch of the training loader."""
        rows = interaction[ROW_FIELD]
        users, targets = interaction[self.user_field], interaction[self.item_field]
        return RowBatch(self.trim(interaction), rows, users, targets)

    def trim(self, interaction: Interaction) -> Interaction:
        """The batch as the model gets it."""
        if not self.trims:
            return interaction
        return trimmed(interaction, self.length_field, self.list_length)


class WindowBatching(PrefixBatching):
    """All rows of a window for each entry of a batch.

    Args:
        dataset: The training set.
        trims: As in `PrefixBatching`.
        windows: The windows of the data set.
        device: The model's device.
    """

    name = "sequence"

    def __init__(self, dataset: Any, trims: bool, windows: Windows, device: torch.device) -> None:
        super().__init__(dataset, trims)
        self.targets = dataset.inter_feat[dataset.iid_field].to(device)
        self.windows = windows.to(device)

    def rows(self, interaction: Interaction) -> RowBatch:
        """Reads the rows of a batch of an `FNWindowDataLoader`."""
        anchors = interaction[ROW_FIELD]
        covered = self.windows.rows_covered(anchors)
        rows, entry, within = ragged_index(anchors - covered + 1, covered)
        position = (interaction[self.length_field] - covered)[entry] + within
        users, targets = interaction[self.user_field][entry], self.targets[rows]
        return RowBatch(self.trim(interaction), rows, users, targets, entry, position)


def list_length(dataset: Any) -> int:
    """Items that the lists of a data set hold, padding included."""
    first = dataset.inter_feat[:1]
    return int(first[dataset.iid_field + dataset.config["LIST_SUFFIX"]].shape[1])
