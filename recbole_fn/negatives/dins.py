"""The hardest items of a pool, each mixed with the target dimension by dimension."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.key_constraints import POSITIVE
from recbole_fn.negatives.mixing import MixingSampler
from recbole_fn.negatives.pool_sampler import POOL, POOL_MEANING
from recbole_fn.scoring.mixture import DimensionMixture


class DINSSampler(MixingSampler):
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
    mixes_dimensions: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `DINSSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        alpha: float = argument(1.0, POSITIVE, "how strongly the target is favoured")

    def mixture(self, items: Tensor) -> DimensionMixture:
        """All of them are mixed."""
        return DimensionMixture(self.args.alpha, torch.zeros_like(items, dtype=torch.bool))
