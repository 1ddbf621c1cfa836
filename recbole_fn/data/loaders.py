"""Training loaders: RecBole's with row ids, and one that batches histories of similar length."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from recbole.data.dataloader import TrainDataLoader
from recbole.data.interaction import Interaction
from recbole.data.transform import Equal, MaskItemSequence
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.batch_plan import Batches, Rest, plan_batches
from recbole_fn.data.windows import Windows
from recbole_fn.distributed.setup import as_alone
from recbole_fn.utils.part_types import Sampler
from recbole_fn.utils.recbole_types import Config, Dataset, Loader

ROW_FIELD = "fn_row_id"
_POOL = 16  # batches whose windows are sorted together; the rest of the order is random


def dataset_of(loader: Loader) -> Dataset:
    """The data set that a loader of RecBole loads from.

    Args:
        loader: A loader of training, validation or test.

    Example:
        >>> from types import SimpleNamespace
        >>> dataset_of(SimpleNamespace(_dataset="the training set"))
        'the training set'
    """
    return loader._dataset  # noqa: SLF001  RecBole has no public name for it


def sampler_of(loader: Loader) -> Any:
    """The sampler of a loader of RecBole.

    Args:
        loader: A loader of training, validation or test.

    Example:
        >>> from types import SimpleNamespace
        >>> sampler_of(SimpleNamespace(_sampler="the sampler"))
        'the sampler'
    """
    return loader._sampler  # noqa: SLF001  RecBole has no public name for it


class FNTrainDataLoader(TrainDataLoader):
    """RecBole's training loader, with the index of each row in the training set.

    BERT4Rec's random masks, a slow loop of RecBole's, are made for `fn_loss: model` alone.

    With several processes, each loads the whole batch in the order of a single process. The rows
    are split among the processes later, after their negatives are drawn.

    Args:
        config: RecBole's configuration.
        dataset: The built training set.
        sampler: Passed on to RecBole's loader.
        shuffle: Whether rows come in a new order in each epoch.

    Attributes:
        left_out: Batches to skip: those that a resumed epoch has trained. The others do not change.
        at_random: Whether rows are batched whatever the lengths of their histories, as a sampler
            that draws from the batch needs.

    Example:
        RecBole makes it once the package is registered and `fn_enabled` is True:

        >>> next(iter(new_run.train_data))["fn_row_id"].shape  # [rows]
        torch.Size([128])
    """

    transform: Callable[[Dataset, Interaction], Interaction]
    left_out: int = 0
    at_random: bool = False

    def __init__(
        self, config: Config, dataset: Dataset, sampler: Sampler | None, shuffle: bool = False
    ) -> None:
        super().__init__(as_alone(config), dataset, sampler, shuffle=shuffle)
        if not config["single_spec"]:
            self.sampler.__dict__["set_epoch"] = _same_order
        settings = FNSettings.from_config(config.final_config_dict)
        if isinstance(self.transform, MaskItemSequence) and not settings.uses_model_loss:
            self.transform = Equal(config)

    @property
    def _index_sampler(self) -> Batches:
        """PyTorch's order of batches, without those that are skipped."""
        batches: Batches = super()._index_sampler
        return batches if self._makes_left_out else Rest(batches, self.left_out)

    @property
    def _makes_left_out(self) -> bool:
        # A worker's random masks depend on every batch that it has made before.
        return self.num_workers > 0 and not isinstance(self.transform, Equal)

    def __iter__(self) -> Iterator[Interaction]:
        """Loads an epoch, or the rest of it."""
        loaded: Iterator[Interaction] = super().__iter__()
        return islice(loaded, self.left_out, None) if self._makes_left_out else loaded

    def collate_fn(self, index: Sequence[int] | np.ndarray | Tensor) -> Interaction:
        """Cuts a batch out of the data set.

        Args:
            index: Row ids, shape [rows].

        Returns:
            RecBole's batch with the row ids in `fn_row_id`, shape [rows].
        """
        batch = super().collate_fn(index)
        batch.update(Interaction({ROW_FIELD: torch.as_tensor(np.asarray(index))}))
        return batch


def _same_order(epoch: int) -> None:
    """Ignores the epoch that RecBole passes to a sampler; the generator determines the order."""


class FNWindowDataLoader(FNTrainDataLoader):
    """Loads windows of similar length together, about `train_batch_size` rows in a batch.

    A batch can be cut to its longest history, so short histories cost less. The numbers of rows
    of two batches differ by at most one window. With `at_random`, lengths are not looked at.

    Args:
        config: RecBole's configuration.
        dataset: The training set.
        sampler: Passed on to RecBole's loader.
        windows: The windows of the data set.
        shuffle: Whether windows come in a new order in each epoch.

    Example:
        >>> type(run.trainer.fn_loader).__name__
        'FNWindowDataLoader'
    """

    step: int

    def __init__(
        self,
        config: Config,
        dataset: Dataset,
        sampler: Sampler | None,
        windows: Windows,
        shuffle: bool = False,
    ) -> None:
        self.windows = windows
        self.lengths = dataset.inter_feat[dataset.item_list_length_field][windows.anchors]
        self._plan: tuple[Tensor, ...] = ()
        super().__init__(config, dataset, sampler, shuffle=shuffle)

    def _init_batch_size_and_step(self) -> None:
        """Makes PyTorch's loader count batches: an item of the loader is a batch of the plan."""
        super()._init_batch_size_and_step()
        num_rows = self.windows.num_rows
        num_batches = -(-int(num_rows.sum()) // self.step)
        most = int(num_rows.sum()) // int(num_rows.max())  # with more, a batch could be empty
        self.sample_size, self.step = min(num_batches, most), 1

    def __iter__(self) -> Iterator[Interaction]:
        """Plans the batches of an epoch and loads them."""
        order = torch.arange(len(self.windows))
        if self.shuffle:
            order = torch.randperm(len(order), generator=self.generator)
        pool = 1 if self.at_random else _POOL * len(order) // self.sample_size + 1
        num_rows, num_batches = self.windows.num_rows, self.sample_size
        self._plan = plan_batches(order, self.lengths, num_rows, num_batches, pool)
        self._batch_order = torch.arange(len(self._plan))
        if self.shuffle:
            self._batch_order = torch.randperm(len(self._plan), generator=self.generator)
        return super().__iter__()

    def collate_fn(self, index: Sequence[int] | np.ndarray | Tensor) -> Interaction:
        """Cuts a batch of windows out of the data set: the rows where they end."""
        windows = self._plan[self._batch_order[index[0]]]
        return super().collate_fn(self.windows.anchors[windows].numpy())
