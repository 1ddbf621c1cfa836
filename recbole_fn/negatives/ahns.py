"""Items whose hardness adapts to the score of the target."""

from dataclasses import dataclass

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

_POSITIVE = Constraint("a number above 0", lambda v: is_number(v) and v > 0)
_NEGATIVE = Constraint("a number below 0", lambda v: is_number(v) and v < 0)
_ANY = Constraint("a number", is_number)
_LEAST = 1e-3  # of s_t + alpha


class AdaptiveSampler(PoolSampler):
    """Items that are harder the lower the target scores: adaptive hardness, AHNS.

    Lai et al., AAAI 2024, arXiv 2401.05191: of a pool, the items n with the smallest
    `|s_n - beta * (s_t + alpha)^(p + 1)|`, with p below 0. The paper chooses one; here they are the
    `fn_neg_num` nearest. Formula and defaults are those of the authors' code; they were not
    compared with the text of the paper.

    Neither says what happens at `s_t + alpha <= 0`, where the power has a pole or no value. Here
    `s_t + alpha` is at least 0.001: such a target gets the hardest items, as the limit demands.

    Example:
        >>> AdaptiveSampler.Args(beta=0.4)
        AdaptiveSampler.Args(pool=400, alpha=1.0, beta=0.4, p=-2)
    """

    name = "ahns"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `AdaptiveSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        alpha: float = argument(1.0, _ANY, "added to the score of the target")
        beta: float = argument(0.1, _POSITIVE, "factor of the hardness")
        p: float = argument(-2, _NEGATIVE, "power of the target's score, minus 1")

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """The items nearest to the hardness that suits the target."""
        args = self.args
        wanted = adaptive_hardness(pool.target, args.alpha, args.beta, args.p)  # [rows, 1]
        return highest(-(pool.scores - wanted).abs(), num)


def adaptive_hardness(target: Tensor, alpha: float, beta: float, p: float) -> Tensor:
    """The score that a negative should have (AHNS, AAAI 2024).

    Args:
        target: Scores of the targets, of any shape.
        alpha: Added to the score.
        beta: Factor of the result.
        p: The power, minus 1.

    Returns:
        `beta * (target + alpha)^(p + 1)`, in the shape of `target`.

    Example:
        >>> import torch
        >>> adaptive_hardness(torch.tensor([0.0, 3.0]), alpha=1.0, beta=0.1, p=-2)
        tensor([0.1000, 0.0250])
    """
    return beta * (target + alpha).clamp(min=_LEAST).pow(p + 1)
