"""Draws for all rows of a batch from one pool of targets, and the chances of such draws."""

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.weighted import history_mass


def draw_others(pool: Tensor, num_rows: int, num: int, generator: torch.Generator) -> Tensor:
    """Draws from a pool without replacement, for each row from the entries that are not its own.

    The pool is a ring, and all rows look at the same distances ahead. So an entry is equally
    likely for each row, and the draws are copies of slices.

    Args:
        pool: Items; the first `num_rows` are the rows' own, shape [entries].
        num_rows: The number of rows.
        num: Draws for each row.
        generator: Source of randomness, on the device of `pool`.

    Returns:
        Item ids, shape [rows, num]; a row's own item fills up if the pool has too few others.

    Example:
        >>> source = torch.Generator().manual_seed(0)
        >>> draw_others(torch.tensor([7, 8, 9]), num_rows=2, num=3, generator=source).sort(1).values
        tensor([[7, 8, 9],
                [7, 8, 9]])
    """
    ahead = torch.zeros(num, dtype=torch.int64, device=pool.device)
    others = torch.randperm(len(pool) - 1, generator=generator, device=pool.device)[:num] + 1
    ahead[: len(others)] = others
    ring = torch.cat([pool, pool[: num_rows - 1]])
    return ring.unfold(0, num_rows, 1)[ahead].t().contiguous()  # [rows, num]


class PoolChances:
    """The chance that a drawn target of training is an item, from the items' popularity.

    Args:
        context: The run.

    Example:
        `InBatchSampler` makes it:

        >>> chances = PoolChances(context)
        >>> chances.log_share(rows, context.uniform(rows, 5)).shape  # [rows, items]
        torch.Size([8, 5])
        >>> chances.shares(torch.arange(51)).sum().round(decimals=3)
        tensor(1.)
    """

    def __init__(self, context: SamplerContext) -> None:
        self.context = context
        self.counts = context.popularity
        histories = context.excluded_histories
        excluded = (
            None
            if histories is None
            else history_mass(histories.to(self.counts.device), self.counts)
        )
        self._excluded = excluded

    def log_share(self, rows: RowBatch, items: Tensor) -> Tensor:
        """Log of the share of an item among the targets that may be negatives of the row.

        `log c_i - log(T - c_excluded)`, with T targets of training, of which `c_excluded` are
        items that are never negatives of the row.

        Args:
            rows: The rows.
            items: Item ids, shape [rows, items].

        Returns:
            The log, shape [rows, items]; -inf for an item that is never a target.
        """
        self._move(items.device)
        if self._excluded is None:
            excluded = self.counts[rows.targets]
        else:
            excluded = self._excluded[rows.users]
        free = (self.counts.sum() - excluded).clamp_min(1)  # [rows]
        return self.counts.float().log()[items] - free.float().log().unsqueeze(1)

    def log_counts(self, items: Tensor) -> Tensor:
        """Log of how often items are targets of training, in the shape of the items."""
        self._move(items.device)
        return self.counts.float().log()[items]

    def shares(self, items: Tensor) -> Tensor:
        """The share of items among all targets of training, in the shape of the items."""
        self._move(items.device)
        return (self.counts / self.counts.sum())[items]

    def _move(self, device: torch.device) -> None:
        self.counts = self.counts.to(device)
        if self._excluded is not None:
            self._excluded = self._excluded.to(device)


def log_num_valid(valid: Tensor) -> Tensor:
    """Log of the number of valid draws of each row, at least 1: [rows, 1] for a mask [rows, draws].

    Example:
        >>> log_num_valid(torch.tensor([[True, False], [False, False]])).exp()
        tensor([[1.],
                [1.]])
    """
    return valid.sum(1, keepdim=True).clamp_min(1).float().log()
