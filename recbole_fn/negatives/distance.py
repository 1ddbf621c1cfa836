"""Items drawn so that all distances from the row are about equally frequent."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import Constraint, is_number
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.pool_sampler import POOL, POOL_MEANING, draw_by_weight
from recbole_fn.negatives.scoring import VectorScore

_DISTANCE = Constraint(
    "a number above 0 and below 2, the diameter of the unit sphere",
    lambda v: is_number(v) and 0 < v < 2,
)


class DistanceSampler(NegativeSampler):
    """Items drawn by the inverse density of their distance from the row on the unit sphere.

    Wu et al., "Sampling Matters in Deep Embedding Learning", ICCV 2017, arXiv 1706.07567, section
    4: between uniform points of the sphere in d dimensions the distance D has the density
    `q(D) ~ D^(d-2) * (1 - D^2 / 4)^((d-3)/2)`. A negative is drawn with a weight of `1 / q(D)`, at
    most that of `D = nearest`. As in the authors' code, and not in the paper, items at a distance
    of `farthest` or more are left out; here they fill up, the nearest first, where a pool has too
    few others. D is the distance between the encoded row and the item's vector, each scaled to
    length 1; the paper's vectors have that length. Draws from the pool are without replacement.

    It needs vectors, so a model that is scored by dot products.

    Example:
        >>> DistanceSampler.Args()
        DistanceSampler.Args(pool=400, nearest=0.5, farthest=1.4)
    """

    name = "distance"
    knows_log_q: ClassVar[bool] = False
    needs_vectors: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `DistanceSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        nearest: float = argument(0.5, _DISTANCE, "the distance below which no weight rises")
        farthest: float = argument(1.4, _DISTANCE, "the distance from which no item is drawn")

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws a pool for each row and `num` items from it."""
        if not isinstance(score, VectorScore) or self.context.dimension is None:
            raise TypeError("the distance sampler needs a score that has cosines")
        items = self.context.uniform(rows, max(self.args.pool, num))  # [rows, pool]
        log_weights = log_inverse_density(
            score.cosines(items), self.context.dimension, self.args.nearest, self.args.farthest
        )
        columns = draw_by_weight(log_weights, num, self.context.generator(items.device))
        return Negatives(items.gather(1, columns))


def log_inverse_density(cosines: Tensor, dimension: int, nearest: float, farthest: float) -> Tensor:
    """Log of the inverse density of distances on the unit sphere (arXiv 1706.07567, section 4).

    Args:
        cosines: Cosines of the angles between rows and items, shape [rows, items].
        dimension: d, the size of the vectors.
        nearest: The distance below which the weight does not rise.
        farthest: The distance from which the weight is practically 0, and falls with the distance.

    Returns:
        `-log q(D)` up to a constant, shape [rows, items].

    Example:
        In 3 dimensions all distances up to 2 have the density D / 2:

        >>> log_inverse_density(torch.tensor([[0.5]]), 3, nearest=0.1, farthest=1.9).exp()
        tensor([[1.]])
    """
    distance = (2 - 2 * cosines).clamp(min=0).sqrt()
    held = distance.clamp(min=nearest, max=farthest)
    log_weights = (2 - dimension) * held.log() - (dimension - 3) / 2 * (1 - held.square() / 4).log()
    # Far below all weights, so that these items are drawn last, the nearest first.
    return torch.where(distance < farthest, log_weights, -1e6 * (1 + distance))
