"""The hardest items of a pool."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import integer
from recbole_fn.negatives.pool_sampler import (
    POOL,
    POOL_MEANING,
    PoolSampler,
    ScoredPool,
    highest,
)
from recbole_fn.utils.errors import InputError


class DynamicSampler(PoolSampler):
    """The items of a random pool that the model ranks highest: dynamic negative sampling, DNS.

    Zhang et al., SIGIR 2013, section 3: of a pool of uniform draws, the highest-scoring items.
    With `top: M`, negatives are drawn uniformly, with repetitions, from the M highest-scoring ones:
    DNS(M, N) of Shi et al., WWW 2023, arXiv 2302.03472, with their N as `pool`. The paper draws one
    negative; here `fn_neg_num` of them are drawn.

    Example:
        >>> DynamicSampler.Args(top=20)
        DynamicSampler.Args(pool=400, top=20)
    """

    name = "dns"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `DynamicSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        top: int | None = argument(
            None, integer(1, 1_000_000), "M, the highest-scoring items to draw from"
        )

        def __post_init__(self) -> None:
            if self.top is not None and self.top > self.pool:
                raise InputError(
                    f"fn_sampler_args: top is {self.top}; it must be at most pool ({self.pool})"
                )

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """The highest-scoring items, or draws from the `top` highest-scoring ones."""
        if self.args.top is None:
            return highest(pool.scores, num)
        hardest = highest(pool.scores, self.args.top)  # [rows, M]
        device = hardest.device
        generator = self.context.generator(device)
        shape = (len(hardest), num)
        columns = torch.randint(self.args.top, shape, generator=generator, device=device)
        return hardest.gather(1, columns)
