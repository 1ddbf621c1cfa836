"""Batches of training rows: RecBole's loaders with row ids, and what training reads of them."""

from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import torch
from recbole.data.dataloader import TrainDataLoader
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.ragged import ragged_index
from recbole_fn.data.windows import Windows

ROW_FIELD = "fn_row_id"


class FNTrainDataLoader(TrainDataLoader):
    """RecBole's training loader; its batches carry the index of each row in the training set."""

    def collate_fn(self, index: Any) -> Interaction:
        """Cuts a batch out of the data set.

        Args:
            index: Row ids, length B.

        Returns:
            RecBole's batch with the row ids in `fn_row_id`, shape [B].
        """
        batch = super().collate_fn(index)
        batch.update(Interaction({ROW_FIELD: torch.as_tensor(np.asarray(index))}))
        return batch


class FNWindowDataLoader(FNTrainDataLoader):
    """Loads the last row of each window; its batch size in rows is `train_batch_size` on average.

    Args:
        config: RecBole's configuration.
        dataset: The training set.
        sampler: Passed on to RecBole's loader.
        windows: The windows of the data set.
        shuffle: Whether windows come in a new order in each epoch.
    """

    def __init__(
        self, config: Any, dataset: Any, sampler: Any, windows: Windows, shuffle: bool = False
    ) -> None:
        self.windows = windows
        super().__init__(config, dataset, sampler, shuffle=shuffle)

    step: int

    def _init_batch_size_and_step(self) -> None:
        super()._init_batch_size_and_step()
        rows_each = int(self.windows.num_rows.sum()) / len(self.windows)
        self.step = max(1, round(self.step / rows_each))
        self.sample_size = len(self.windows)  # RecBole counts rows

    def collate_fn(self, index: Any) -> Interaction:
        """Cuts a batch of windows out of the data set: the rows at which they end."""
        return super().collate_fn(self.windows.anchors[torch.as_tensor(index)].numpy())


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
    entry: Optional[Tensor] = None
    position: Optional[Tensor] = None

    def select(self, chosen: Tensor) -> "RowBatch":
        """The chosen rows alone, encoded from the entries that they need.

        Args:
            chosen: Which rows, shape [M], bool.
        """
        rows, users, targets = self.rows[chosen], self.users[chosen], self.targets[chosen]
        if self.entry is None or self.position is None:
            return RowBatch(self.interaction[chosen], rows, users, targets)
        needed, entry = torch.unique(self.entry[chosen], return_inverse=True)
        position = self.position[chosen]
        return RowBatch(self.interaction[needed], rows, users, targets, entry, position)


class PrefixBatching:
    """One row for each entry of a batch, as in RecBole.

    Args:
        dataset: The training set.
    """

    name = "prefix"

    def __init__(self, dataset: Any) -> None:
        self.user_field, self.item_field = dataset.uid_field, dataset.iid_field

    def rows(self, interaction: Interaction) -> RowBatch:
        """Reads the rows of a batch of an `FNTrainDataLoader`."""
        return RowBatch(
            interaction,
            interaction[ROW_FIELD],
            interaction[self.user_field],
            interaction[self.item_field],
        )


class SequenceBatching:
    """All rows of a window for each entry of a batch.

    Args:
        dataset: The training set.
        windows: Its windows.
        device: The model's device.
    """

    name = "sequence"

    def __init__(self, dataset: Any, windows: Windows, device: torch.device) -> None:
        self.user_field, self.length_field = dataset.uid_field, dataset.item_list_length_field
        self.targets = dataset.inter_feat[dataset.iid_field].to(device)
        self.windows = windows.to(device)

    def rows(self, interaction: Interaction) -> RowBatch:
        """Reads the rows of a batch of an `FNWindowDataLoader`."""
        anchors = interaction[ROW_FIELD]
        covered = self.windows.rows_covered(anchors)
        rows, entry, within = ragged_index(anchors - covered + 1, covered)
        position = (interaction[self.length_field] - covered)[entry] + within
        users = interaction[self.user_field][entry]
        return RowBatch(interaction, rows, users, self.targets[rows], entry, position)
