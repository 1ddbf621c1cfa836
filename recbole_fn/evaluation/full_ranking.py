"""RecBole's loader for full ranking, in batches whose scores fit into memory and caches."""

from typing import Any

import torch
from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.data.interaction import Interaction

from recbole_fn.data.loaders import ROW_FIELD
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import as_alone

# The scores of a batch: 83 users of a catalogue of 200,000 items. Scoring and ranking so many
# items took a CPU 2.0 to 2.8 ns per score with any number from 16 to 1024 users at once.
SCORE_BYTES = 64 << 20
# A CPU encodes no more histories at once, so that what lies between two layers stays in its
# caches: with whole histories, SASRec on amazon-beauty-5core took 4.2 s with 128, 14 s with 4096.
CPU_ROWS = 128


class FNFullSortEvalDataLoader(FullSortEvalDataLoader):
    """RecBole's loader with histories of like length together, so that they can be cut short.

    `eval_batch_size` is the most that a batch holds; it may be smaller. A batch carries the row
    ids by which `FNCollector` restores the order of the data set. Each of several ranks loads
    rows of its own, and a batch of all of them together holds at most `eval_batch_size`.

    Args:
        config: RecBole's configuration.
        dataset: The validation or test set.
        sampler: Passed on to RecBole's loader.
        shuffle: Passed on to RecBole's loader.
    """

    step: int

    def __init__(self, config: Any, dataset: Any, sampler: Any, shuffle: bool = False) -> None:
        lengths = dataset.inter_feat[dataset.item_list_length_field]
        self.group = Group.of_this_process()
        self.order = torch.argsort(lengths, stable=True)[self.group.rank :: self.group.size]
        super().__init__(as_alone(config), dataset, sampler, shuffle=shuffle)

    def __bool__(self) -> bool:
        """Whether there is anything to evaluate, for whatever rank: all have to go on together."""
        return len(self._dataset) > 0

    def _init_batch_size_and_step(self) -> None:
        super()._init_batch_size_and_step()
        on_cpu = torch.device(self.config["device"]).type == "cpu"
        self.step = batch_rows(self.step // self.group.size, self._dataset.item_num, on_cpu)
        self.sample_size = len(self.order)
        self.set_batch_size(self.step)

    def collate_fn(self, index: Any) -> tuple[Any, ...]:
        """Cuts a batch out of the data set.

        Args:
            index: Places among the rows sorted by length, length B.

        Returns:
            RecBole's batch, its interaction with the row ids in `fn_row_id`, shape [B].
        """
        rows = self.order[torch.as_tensor(index)]
        interaction, *rest = super().collate_fn(rows)
        interaction.update(Interaction({ROW_FIELD: rows}))
        return interaction, *rest


def batch_rows(wanted: int, num_items: int, on_cpu: bool) -> int:
    """Rows of a batch that keeps to the bounds, at least one.

    Args:
        wanted: Rows that the user allows.
        num_items: Size of the catalogue; each row has a score of 4 bytes for each item.
        on_cpu: Whether the model is on a CPU.
    """
    rows = max(1, min(wanted, SCORE_BYTES // (4 * num_items)))
    return min(rows, CPU_ROWS) if on_cpu else rows
