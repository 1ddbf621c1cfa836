"""Items that score about as high as the target."""

from dataclasses import dataclass

from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE, Constraint, is_number
from recbole_fn.negatives.pool_sampler import (
    POOL,
    POOL_MEANING,
    PoolSampler,
    ScoredPool,
    draw_by_weight,
)

_ANY = Constraint("a number", is_number)


class AmbiguousSampler(PoolSampler):
    """Items drawn by how near they score to the target: simple ambiguous negatives, SimANS.

    Zhou et al., EMNLP 2022, arXiv 2210.11773, section 3: a negative n is drawn with a weight of
    `exp(-a * (s_n - s_t - b)^2)`. So a positive b prefers items that score b above the target.
    That is the sign in the authors' formula; their code has `s_n - s_t + b`, where a positive b
    prefers items below the target. Defaults are those of the code. As there, draws are without
    replacement.

    Example:
        >>> AmbiguousSampler.Args(b=-1.0)  # a little easier than the target
        AmbiguousSampler.Args(pool=400, a=0.5, b=-1.0)
    """

    name = "simans"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `AmbiguousSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        a: float = argument(0.5, NON_NEGATIVE, "how sharply weights fall; 0 draws uniformly")
        b: float = argument(0.0, _ANY, "the most likely score, minus that of the target")

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """Draws by weight."""
        log_weights = -self.args.a * (pool.scores - pool.target - self.args.b).square()
        generator = self.context.generator(pool.scores.device)
        return draw_by_weight(log_weights, num, generator)
