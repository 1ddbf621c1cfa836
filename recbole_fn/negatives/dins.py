"""The hardest items of a pool, each mixed with the target dimension by dimension."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.key_constraints import POSITIVE
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, Score
from recbole_fn.negatives.pool_sampler import (
    POOL,
    POOL_MEANING,
    PoolSampler,
    ScoredPool,
    highest,
)
from recbole_fn.scoring.mixture import DimensionMixture


class DINSSampler(PoolSampler):
    """The highest-scoring items of a pool, each mixed with the target's vector by dimensions.

    Wu et al., CIKM 2023 (arXiv 2306.15905): hard boundary definition (the hardest item of a pool)
    and dimension independent mixup; see `DimensionMixture` for the formula. The paper takes one
    negative; here the `fn_neg_num` hardest items are taken, as by `dns`. The models have no graph,
    so there is no multi-hop pooling. The authors tuned alpha from 0.3 to 9.5 and pools of 16 to 64.

    The model must be scored by dot products. All vectors of a step's negatives are held at once,
    [rows, fn_neg_num, hidden]; the other samplers hold none.

    Example:
        >>> DINSSampler.Args(alpha=2.3)
        DINSSampler.Args(pool=400, alpha=2.3)
    """

    name = "dins"
    needs_vectors: ClassVar[bool] = True
    mixes: ClassVar[bool] = True
    mixes_dimensions: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `DINSSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        alpha: float = argument(1.0, POSITIVE, "how strongly the target is favoured")

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Takes the hardest items, all of them to be mixed."""
        items = super().sample(rows, num, score).items  # [rows, num]
        plain = torch.zeros_like(items, dtype=torch.bool)
        return Negatives(items, mixture=DimensionMixture(self.args.alpha, plain))

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """The highest-scoring items."""
        return highest(pool.scores, num)
