"""The hardest items of a pool, mixed with the target."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import Constraint, is_number
from recbole_fn.negatives.mixing import MixingSampler
from recbole_fn.negatives.pool_sampler import POOL, POOL_MEANING
from recbole_fn.scoring.mixture import TargetShare

_SHARE = Constraint("a number above 0 up to 1", lambda v: is_number(v) and 0 < v <= 1)


class MixupSampler(MixingSampler):
    """The highest-scoring items of a pool, each mixed with the target's vector: positive mixing.

    Huang et al., MixGCF, KDD 2021, section 3.2: a negative is `share * target + (1 - share) *
    item`, with a share drawn uniformly from 0 to 1, and of such mixtures the hardest are taken. One
    share for all items of a pool, as in the authors' code, makes the hardest mixture that of the
    hardest item. So here the `fn_neg_num` hardest items are taken, as by `dns`, each with a share
    of its own. The models have no graph, so there is no hop mixing.

    No vectors are mixed: scores are dot products, so a mixture's score is the mixture of scores.
    The model must be scored by dot products. `dins` has a share for each dimension.

    Example:
        >>> MixupSampler.Args(most=0.5)
        MixupSampler.Args(pool=400, most=0.5)
    """

    name = "mixup"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `MixupSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        most: float = argument(1.0, _SHARE, "the largest share of the target in a negative")

    def mixture(self, items: Tensor) -> TargetShare:
        """A share for each, drawn uniformly up to `most`."""
        generator = self.context.generator(items.device)
        share = torch.rand(items.shape, generator=generator, device=items.device)
        return TargetShare(self.args.most * share)
