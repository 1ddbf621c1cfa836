"""Which rows of a batch a rank visits, and how the others learn what came of it."""

from dataclasses import dataclass
from typing import Optional

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.ragged import padded
from recbole_fn.distributed.group import Group


@dataclass(frozen=True)
class Share:
    """This rank's part of a batch of M rows.

    Attributes:
        group: The ranks.
        rows: Row ids of the whole batch, shape [M].
        extracted: Which slots of the whole batch hold false negatives, shape [M, N], bool.
        places: Which of the M rows this rank visits, ascending, shape [m].
    """

    group: Group
    rows: Tensor
    extracted: Tensor
    places: Tensor

    def remember(self, memory: HardNegativeMemory, items: Tensor, hard: Tensor) -> None:
        """Ends the visit of the whole batch on all ranks: each tells the items of its hard slots.

        Args:
            memory: This rank's copy of the memory.
            items: Items of this rank's rows, shape [m, N].
            hard: Which slots are to be remembered, shape [m, N], bool.
        """
        owner, slot = hard.nonzero(as_tuple=True)
        own = torch.stack([self.places[owner], items[owner, slot]], dim=1).int()
        told = self.group.gather(own).long()  # [K, 2]: place of the row, item
        told = told[torch.argsort(told[:, 0], stable=True)]
        lengths = torch.bincount(told[:, 0], minlength=len(self.rows))
        memory.update(self.rows, *padded(told[:, 1], lengths))


def take_share(
    group: Group, batch: RowBatch, items: Tensor, extracted: Tensor
) -> tuple[RowBatch, Tensor, Tensor, Optional[Share]]:
    """Takes this rank's rows out of a batch that all ranks have; they may be none.

    Entries go to the ranks in turn: those of a batch are sorted by length, so each gets like work.
    All rows of a window go to one rank, which encodes it.

    Args:
        group: The ranks.
        batch: The whole batch, M rows.
        items: Their slots, shape [M, N].
        extracted: Which slots hold false negatives, shape [M, N], bool.

    Returns:
        The batch, slots and extracted slots of this rank's rows, and the share; alone, a process
        has all rows, and no share.
    """
    if group.is_alone:
        return batch, items, extracted, None
    entry = torch.arange(len(batch.rows), device=items.device)
    own = (entry if batch.entry is None else batch.entry) % group.size == group.rank
    share = Share(group, batch.rows, extracted, own.nonzero().squeeze(1))
    return batch.select(own), items[own], extracted[own], share
