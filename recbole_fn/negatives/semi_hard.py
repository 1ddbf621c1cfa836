"""Items that score a little less than the target."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import Constraint, is_number
from recbole_fn.negatives.pool_sampler import (
    POOL,
    POOL_MEANING,
    PoolSampler,
    ScoredPool,
    highest,
)

_MARGIN = Constraint("a number above 0", lambda v: is_number(v) and v > 0)


class SemiHardSampler(PoolSampler):
    """Items that score less than the target, but within a margin of it: semi-hard negatives.

    Schroff et al., FaceNet, CVPR 2015, arXiv 1503.03832, section 3.2: negatives `n` with
    `s_t - margin < s_n < s_t`, drawn uniformly without replacement. If a pool has too few, the
    nearest ones below the margin follow, and at last the nearest ones that are not below the
    target. The paper does not say what to do then.

    The margin of 0.2 (section 3.3) is for squared distances on the unit sphere. Here it is in the
    units of the model's scores.

    Example:
        >>> SemiHardSampler.Args(margin=0.5)
        SemiHardSampler.Args(pool=400, margin=0.5)
    """

    name = "semi_hard"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `SemiHardSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        margin: float = argument(0.2, _MARGIN, "how much less than the target an item may score")

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """Items within the margin first, in random order."""
        generator = self.context.generator(pool.scores.device)
        uniform = torch.empty_like(pool.scores).uniform_(generator=generator)
        return highest(semi_hard_keys(pool.scores, pool.target, uniform, self.args.margin), num)


def semi_hard_keys(scores: Tensor, target: Tensor, uniform: Tensor, margin: float) -> Tensor:
    """Keys that put items within the margin first, then those below it, then those above.

    Args:
        scores: Scores of a pool, shape [rows, pool].
        target: Scores of the targets, shape [rows, 1].
        uniform: Random numbers from 0 to 1, the order of items within the margin, shape
            [rows, pool].
        margin: The margin.

    Returns:
        Keys, shape [rows, pool]: above 1 within the margin, from 0 to 1 below it, and at most 0
        from the target on.

    Example:
        Scores 0.5 and 0.9 are within a margin of 1 below 1:

        >>> scores, uniform = torch.tensor([[0.5, 0.9, -9.0, 3.0]]), torch.full((1, 4), 0.25)
        >>> semi_hard_keys(scores, torch.tensor([[1.0]]), uniform, margin=1.0)
        tensor([[ 1.2500,  1.2500,  0.1000, -2.0000]])
    """
    below = target - scores  # [rows, pool]
    keys = torch.where(below < margin, 1 + uniform, margin / below)
    return torch.where(below > 0, keys, below)
