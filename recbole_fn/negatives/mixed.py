"""Negatives from the batch and uniform ones, mixed."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import Constraint, is_number
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.pool import PoolChances, draw_others

_BELOW_ONE = Constraint(
    "a number from 0 up to but not including 1", lambda v: is_number(v) and 0 <= v < 1
)


class MixedSampler(NegativeSampler):
    """Draws a share of the negatives from the batch's targets, and the rest uniformly.

    `log q(i) = log(B * c_i / T + U / n)` with B draws from the batch, c_i of T targets of training,
    and U uniform draws from n items: an item may come from either (Yang et al., "Mixed Negative
    Sampling for Learning Two-tower Neural Networks in Recommendations", WWW 2020, section 3.3).

    Example:
        >>> MixedSampler.Args(share=0.25)
        MixedSampler.Args(share=0.25)
    """

    name = "mixed"
    draws_from_batch = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `MixedSampler`."""

        share: float = argument(0.5, _BELOW_ONE, "share of the negatives that come from the batch")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self._chances = PoolChances(context)

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` items for each row; those from the batch lie at random places.

        Remembered items take the first places, so neither kind may have these to itself.
        """
        generator, batch = self.context.generator(rows.targets.device), self._num_of_batch(num)
        drawn = draw_others(rows.targets, len(rows.targets), batch, generator)  # [rows, batch]
        uniform = self.context.uniform(rows, num - batch)  # [rows, num - batch]
        free = self.context.is_free(rows, drawn), torch.ones_like(uniform, dtype=torch.bool)
        places = torch.randperm(num, generator=generator, device=drawn.device)
        items, valid = torch.cat([drawn, uniform], dim=1), torch.cat(free, dim=1)  # [rows, num]
        return Negatives(items.index_select(1, places), valid=valid.index_select(1, places))

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """See the class."""
        num = negatives.items.shape[1]
        batch = self._num_of_batch(num)
        uniform = (num - batch) / self.context.num_free(rows)  # [rows]
        share = self._chances.shares(negatives.items)  # [rows, num]
        return (min(batch, len(rows.rows) - 1) * share + uniform.unsqueeze(1)).log()

    def _num_of_batch(self, num: int) -> int:
        share: float = self.args.share
        return min(round(share * num), num - 1)
