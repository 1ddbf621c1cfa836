"""RecBole's loader for full ranking, with batch sizes that fit into memory and caches."""

from collections.abc import Sequence

import torch
from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import as_alone
from recbole_fn.utils.part_types import Sampler
from recbole_fn.utils.recbole_types import Config, Dataset

Excluded = Tensor | tuple[Tensor, Tensor]
"""Items to leave out: a mask [rows, num_items], or rows and items, each of shape [excluded]."""
Batch = tuple[Interaction, Excluded | None, Tensor, Tensor]
"""RecBole's batch of an evaluation: rows, items left out, rows and items of the positives."""

# The scores of a batch: 83 users with a catalogue of 200,000 items. Scoring and ranking that many
# items took a CPU 2.0 to 2.8 ns per score with any batch size from 16 to 1024 users.
SCORE_BYTES = 64 << 20
# The same on a CPU: glibc maps larger tensors anew for each batch, and the kernel fills them with
# zeros. With 200,000 items that took a fifth of the CPU time.
CPU_SCORE_BYTES = 30 << 20
# Histories in a batch on a CPU, so that activations stay in its caches: with whole histories,
# SASRec on amazon-beauty-5core took 4.2 s with batches of 128 and 14 s with batches of 4096.
CPU_ROWS = 128


class FNFullSortEvalDataLoader(FullSortEvalDataLoader):
    """RecBole's loader, with histories of similar length together so that they can be cut.

    A batch holds at most `eval_batch_size` rows, or fewer. It carries row ids, by which
    `FNCollector` restores the order of the data set. With several processes, each loads its own
    rows, and their batches together hold at most `eval_batch_size` rows.

    Args:
        config: RecBole's configuration.
        dataset: The validation or test set.
        sampler: Passed on to RecBole's loader.
        shuffle: Passed on to RecBole's loader.

    Example:
        RecBole makes it once the package is registered and `fn_enabled` is True:

        >>> interaction, *_ = next(iter(run.valid_data))
        >>> interaction["item_length"].diff().min()  # the shortest histories first
        tensor(0)
    """

    step: int

    def __init__(
        self, config: Config, dataset: Dataset, sampler: Sampler, shuffle: bool = False
    ) -> None:
        lengths = dataset.inter_feat[dataset.item_list_length_field]
        self.group = Group.of_this_process()
        self.order = torch.argsort(lengths, stable=True)[self.group.rank :: self.group.size]
        super().__init__(as_alone(config), dataset, sampler, shuffle=shuffle)

    def __bool__(self) -> bool:
        """Whether any rank has rows to evaluate: all ranks must evaluate together."""
        return len(self._dataset) > 0

    def _init_batch_size_and_step(self) -> None:
        super()._init_batch_size_and_step()
        on_cpu = torch.device(self.config["device"]).type == "cpu"
        self.step = batch_rows(self.step // self.group.size, self._dataset.item_num, on_cpu)
        self.sample_size = len(self.order)
        self.set_batch_size(self.step)

    def collate_fn(self, index: Sequence[int]) -> Batch:
        """Cuts a batch out of the data set.

        Args:
            index: Positions among the rows sorted by length, shape [rows].

        Returns:
            RecBole's batch; its interaction has the row ids in `fn_row_id`, shape [rows].
        """
        rows = self.order[torch.as_tensor(index)]
        batch: Batch = super().collate_fn(rows)
        batch[0].update(Interaction({ROW_FIELD: rows}))
        return batch


def batch_rows(most: int, num_items: int, on_cpu: bool) -> int:
    """The largest batch within the limits; at least one row.

    Args:
        most: The user's limit of rows.
        num_items: Size of the catalogue; each row has a score of 4 bytes for each item.
        on_cpu: Whether the model is on a CPU.

    Example:
        >>> batch_rows(4096, num_items=1000, on_cpu=True)
        128
        >>> batch_rows(4096, num_items=200_000, on_cpu=False)
        83
    """
    num_bytes = CPU_SCORE_BYTES if on_cpu else SCORE_BYTES
    rows = max(1, min(most, num_bytes // (4 * num_items)))
    return min(rows, CPU_ROWS) if on_cpu else rows
