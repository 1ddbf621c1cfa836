"""Which rows of a batch a rank trains with, and how the others learn what came of them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.distributed.group import Group
from recbole_fn.utils.ragged import padded


@dataclass(frozen=True)
class Shard:
    """This rank's part of a batch of M rows, all of which every rank has.

    Attributes:
        group: The ranks.
        full_batch: The whole batch, M rows.
        batch: This rank's rows, m of them; they may be none.
        places: Which of the M rows they are, ascending, shape [m]; None where they are all.
    """

    group: Group
    full_batch: RowBatch
    batch: RowBatch
    places: Tensor | None = None

    def select(self, of_all: Tensor) -> Tensor:
        """What this rank has of something of all rows: shape [m, ...] of [M, ...]."""
        return of_all if self.places is None else of_all[self.places]

    def gather_rows(self, own: Tensor) -> Tensor:
        """What all ranks have of something of their rows: shape [M, ...] of [m, ...].

        All ranks have to call.
        """
        if self.places is None:
            return own
        order = torch.argsort(self.group.gather(self.places))
        return self.group.gather(own)[order]

    def gather_chosen(self, items: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """The chosen items of all rows, from the front.

        All ranks have to call.

        Args:
            items: Items of this rank's rows, shape [m, N].
            chosen: Which of them are chosen, shape [m, N], bool.

        Returns:
            Items of all rows, shape [M, K], and which places hold one, shape [M, K], bool.
        """
        if self.places is None:
            return items, chosen
        owner, slot = chosen.nonzero(as_tuple=True)
        own = torch.stack([self.places[owner], items[owner, slot]], dim=1).int()
        of_all = self.group.gather(own).long()  # [K, 2]: place of the row, item
        of_all = of_all[torch.argsort(of_all[:, 0], stable=True)]
        lengths = torch.bincount(of_all[:, 0], minlength=len(self.full_batch.rows))
        return padded(of_all[:, 1], lengths)


def take_shard(group: Group, batch: RowBatch) -> Shard:
    """Takes this rank's rows out of a batch that all ranks have.

    Entries go to the ranks in turn: those of a batch are sorted by length, so each gets like work.
    All rows of a window go to one rank, which encodes it.

    Args:
        group: The ranks.
        batch: The whole batch, M rows.
    """
    if group.is_alone:
        return Shard(group, batch, batch)
    entry = torch.arange(len(batch.rows), device=batch.rows.device)
    own = (entry if batch.entry is None else batch.entry) % group.size == group.rank
    return Shard(group, batch, batch.select(own), own.nonzero().squeeze(1))
