"""A user's sampler: the negatives that the model ranks highest in a larger uniform draw."""

from dataclasses import dataclass

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import integer
from recbole_fn.negatives.base import Negatives, NegativeSampler


class HardestOfPool(NegativeSampler):
    """Dynamic negative sampling (Zhang et al., SIGIR 2013)."""

    @dataclass(frozen=True)
    class Args:
        """What `fn_sampler_args` may hold."""

        pool: int = argument(32, integer(1, 1_000_000), "items drawn for each row")

    def sample(self, rows, num, score):
        """The N hardest of a pool."""
        pool = self.context.uniform(rows, max(self.args.pool, num))  # [M, P]
        hardest = score(pool).topk(num, dim=1).indices
        return Negatives(pool.gather(1, hardest))
