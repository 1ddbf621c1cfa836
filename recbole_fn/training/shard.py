"""The shard of a batch that a rank trains with, and how results of all shards are gathered."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.distributed.group import Group
from recbole_fn.utils.ragged import padded


@dataclass(frozen=True)
class Shard:
    """The m rows of this rank of a batch of M rows; every rank has the full batch.

    Attributes:
        group: The ranks.
        full_batch: The batch, M rows.
        batch: The rows of this rank, m of them; m may be 0.
        places: Their indices among the M rows, ascending, shape [m]; None for all M rows.

    Examples:
        >>> batch = RowBatch({}, *torch.tensor([[0, 1], [1, 1], [5, 6]]))
        >>> take_shard(Group(rank=0, size=1), batch).select(torch.tensor([10, 20]))
        tensor([10, 20])
    """

    group: Group
    full_batch: RowBatch
    batch: RowBatch
    places: Tensor | None = None

    def select(self, of_all: Tensor) -> Tensor:
        """Selects the rows of this rank: [M, ...] -> [m, ...]."""
        return of_all if self.places is None else of_all[self.places]

    def gather_rows(self, of_shard: Tensor) -> Tensor:
        """Gathers the rows of all ranks, in the order of the batch: [m, ...] -> [M, ...].

        All ranks must call it.
        """
        if self.places is None:
            return of_shard
        order = torch.argsort(self.group.gather(self.places))  # [M]
        return self.group.gather(of_shard)[order]

    def gather_chosen(self, items: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Gathers the chosen items of all rows, aligned to the left.

        All ranks must call it.

        Args:
            items: Items of this rank's rows, shape [m, N].
            chosen: Which of them are chosen, shape [m, N], bool.

        Returns:
            Items of all rows, shape [M, K], and which places hold one, shape [M, K], bool.
        """
        if self.places is None:
            return items, chosen
        owner, slot = chosen.nonzero(as_tuple=True)
        pairs = torch.stack([self.places[owner], items[owner, slot]], dim=1).int()
        pairs = self.group.gather(pairs).long()  # [P, 2]: place of the row, item
        pairs = pairs[torch.argsort(pairs[:, 0], stable=True)]
        lengths = torch.bincount(pairs[:, 0], minlength=len(self.full_batch.rows))  # [M]
        return padded(pairs[:, 1], lengths)


def take_shard(group: Group, batch: RowBatch) -> Shard:
    """Selects the rows of this rank from a batch that all ranks have.

    Entries are dealt to the ranks in turn; a batch is sorted by length, so the work is balanced.
    All rows of a window go to one rank, which encodes the window once.

    Args:
        group: The ranks.
        batch: The batch, M rows.

    Examples:
        >>> from recbole.data.interaction import Interaction
        >>> batch = RowBatch(Interaction({}), *torch.tensor([[0, 1, 2], [1, 1, 1], [5, 6, 7]]))
        >>> take_shard(Group(rank=1, size=2), batch).batch.targets
        tensor([6])
    """
    if group.is_alone:
        return Shard(group, batch, batch)
    entry = torch.arange(len(batch.rows), device=batch.rows.device)
    chosen = (entry if batch.entry is None else batch.entry) % group.size == group.rank  # [M]
    return Shard(group, batch, batch.select(chosen), chosen.nonzero().squeeze(1))
