"""RecBole's training loader with row ids, and one whose batches hold histories of like length."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from recbole.data.dataloader import TrainDataLoader
from recbole.data.interaction import Interaction
from recbole.data.transform import Equal, MaskItemSequence
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.windows import Windows
from recbole_fn.distributed.setup import as_alone

ROW_FIELD = "fn_row_id"
_POOL = 16  # batches whose windows are sorted together; the rest of the order is random


def dataset_of(loader: Any) -> Any:
    """The rows that a loader of RecBole loads.

    Args:
        loader: A loader of training, validation or test.
    """
    return loader._dataset  # noqa: SLF001  RecBole has no public name for it


def sampler_of(loader: Any) -> Any:
    """The sampler of a loader of RecBole.

    Args:
        loader: A loader of training, validation or test.
    """
    return loader._sampler  # noqa: SLF001  RecBole has no public name for it


class _Rest:
    """An order of batches without the first ones."""

    def __init__(self, batches: Any, left_out: int) -> None:
        self.batches, self.left_out = batches, left_out

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.batches), self.left_out, None)

    def __len__(self) -> int:
        return len(self.batches) - self.left_out


class FNTrainDataLoader(TrainDataLoader):
    """RecBole's training loader; its batches carry the index of each row in the training set.

    Random masks of a history's items (BERT4Rec) are made only for a model's own loss: the losses
    over a row's candidates do not read them, and they are made item by item in Python.

    Each of several ranks loads the whole batch, in the order of one process; the rows are shared
    out later, once their negatives are drawn.

    Attributes:
        left_out: Batches at the beginning of an epoch that are not loaded: those that a resumed
            epoch has had. The others are what they would have been.
    """

    transform: Any
    left_out: int = 0

    def __init__(self, config: Any, dataset: Any, sampler: Any, shuffle: bool = False) -> None:
        super().__init__(as_alone(config), dataset, sampler, shuffle=shuffle)
        if not config["single_spec"]:
            self.sampler.__dict__["set_epoch"] = _same_order
        settings = FNSettings.from_config(config.final_config_dict)
        if isinstance(self.transform, MaskItemSequence) and not settings.uses_model_loss:
            self.transform = Equal(config)

    @property
    def _index_sampler(self) -> Any:
        """PyTorch's order of the rows, whose first batches are not even made."""
        batches = super()._index_sampler
        return batches if self._makes_left_out else _Rest(batches, self.left_out)

    @property
    def _makes_left_out(self) -> bool:
        # A worker's random masks follow from all batches that it has made before.
        return self.num_workers > 0 and not isinstance(self.transform, Equal)

    def __iter__(self) -> Iterator[Interaction]:
        """Loads an epoch, or what is left of it."""
        loaded: Iterator[Interaction] = super().__iter__()
        return islice(loaded, self.left_out, None) if self._makes_left_out else loaded

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


def _same_order(epoch: int) -> None:
    """RecBole tells the sampler of a rank the epoch; the loader's generator knows the order."""


class FNWindowDataLoader(FNTrainDataLoader):
    """Loads windows, those of like length together, `train_batch_size` rows in a batch.

    A batch is as long as its longest history, so short ones are not padded to
    `MAX_ITEM_LIST_LENGTH`. Every batch has the same number of rows but for a window more or less.

    Args:
        config: RecBole's configuration.
        dataset: The training set.
        sampler: Passed on to RecBole's loader.
        windows: The windows of the data set.
        shuffle: Whether windows come in a new order in each epoch.
    """

    step: int

    def __init__(
        self, config: Any, dataset: Any, sampler: Any, windows: Windows, shuffle: bool = False
    ) -> None:
        self.windows = windows
        self.lengths = dataset.inter_feat[dataset.item_list_length_field][windows.anchors]
        self._plan: tuple[Tensor, ...] = ()
        super().__init__(config, dataset, sampler, shuffle=shuffle)

    def _init_batch_size_and_step(self) -> None:
        """Tells PyTorch's loader that it loads batches: one item of it is one of the plan."""
        super()._init_batch_size_and_step()
        num_rows = self.windows.num_rows
        wanted = -(-int(num_rows.sum()) // self.step)
        most = int(num_rows.sum()) // int(num_rows.max())  # so that no batch is empty
        self.sample_size, self.step = min(wanted, most), 1

    def __iter__(self) -> Iterator[Interaction]:
        """Plans an epoch, then loads it."""
        order = torch.arange(len(self.windows))
        if self.shuffle:
            order = torch.randperm(len(order), generator=self.generator)
        pool = _POOL * len(order) // self.sample_size + 1
        num_rows, num_batches = self.windows.num_rows, self.sample_size
        self._plan = plan_batches(order, self.lengths, num_rows, num_batches, pool)
        self._batch_order = torch.arange(len(self._plan))
        if self.shuffle:
            self._batch_order = torch.randperm(len(self._plan), generator=self.generator)
        loaded: Iterator[Interaction] = super().__iter__()
        return loaded

    def collate_fn(self, index: Any) -> Interaction:
        """Cuts a batch of windows out of the data set: the rows at which they end."""
        windows = self._plan[self._batch_order[index[0]]]
        return super().collate_fn(self.windows.anchors[windows].numpy())


def plan_batches(
    order: Tensor, lengths: Tensor, num_rows: Tensor, num_batches: int, pool: int
) -> tuple[Tensor, ...]:
    """Cuts windows into batches of equally many rows and like length.

    Args:
        order: The windows in random order, shape [W].
        lengths: Items in the history of each window, shape [W].
        num_rows: Rows of each window, shape [W].
        num_batches: Batches to make; a batch must be no smaller than the largest window.
        pool: So many windows after one another are sorted by length.

    Returns:
        The windows of each batch; none is empty.
    """
    pools = torch.arange(len(order)) // pool
    longest = int(lengths.max()) + 1
    order = order[torch.argsort(pools * longest + lengths[order], stable=True)]
    begins = torch.cumsum(num_rows[order], 0) - num_rows[order]
    chosen = torch.div(begins * num_batches, num_rows.sum(), rounding_mode="floor")
    sizes = torch.bincount(chosen, minlength=num_batches)
    batches: tuple[Tensor, ...] = order.split(sizes.tolist())
    return batches
