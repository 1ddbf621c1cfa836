"""Items that are informative and probably no false negatives."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.pool_sampler import (
    POOL,
    POOL_MEANING,
    PoolSampler,
    ScoredPool,
    highest,
)

_CELLS = 256  # of the scores of a row


class BayesianSampler(PoolSampler):
    """Items with the least risk, by score and popularity: Bayesian negative sampling, BNS.

    Liu and Wang, ICDE 2023, arXiv 2204.06520, section III: of a pool, the items n with the smallest
    `info * (1 - (1 + lambda) * unbias)`, where

    - `info = sigmoid(s_n - s_t)`, how much is learnt from the item;
    - `unbias = (1 - F) * (1 - P) / (1 - F - P + 2 * F * P)`, the probability that it is no false
      negative, from its popularity and its score;
    - P, the prior probability of a false negative, is the item's share of all targets of training;
    - F is the share of negatives that score at most as high, of one more than there are.

    The authors' code takes F from all items that the user has not had and chooses one of a pool of
    5. Here F is taken from the pool, a sample of the same items, whose scores are sorted into 256
    cells: it errs by at most the share of the pool in the item's cell. `lambda` is 5 in the code.

    Example:
        >>> BayesianSampler.Args(weight=1.0)
        BayesianSampler.Args(pool=400, weight=1.0)
    """

    name = "bns"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `BayesianSampler`."""

        pool: int = argument(400, POOL, POOL_MEANING)
        weight: float = argument(5.0, NON_NEGATIVE, "lambda, the weight of being no false negative")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        popularity = context.popularity.float()  # [num_items]
        self._prior = popularity / popularity.sum()

    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """The items with the least risk."""
        self._prior = self._prior.to(pool.scores.device)  # moved once
        prior = self._prior[pool.items].to(pool.scores)  # [rows, pool]
        below = share_at_most(pool.scores, _CELLS)
        risk = sampling_risk(pool.scores - pool.target, below, prior, self.args.weight)
        return highest(-risk, num)


def share_at_most(scores: Tensor, cells: int) -> Tensor:
    """The empirical distribution function of each row's scores, at these scores.

    Args:
        scores: Finite scores, shape [rows, pool].
        cells: Equally wide parts of a row's range; scores in one cell count as equal.

    Returns:
        How many of the row's scores are in the cell of a score or in a lower one, divided by one
        more than all of them, shape [rows, pool].

    Example:
        >>> share_at_most(torch.tensor([[3.0, 1.0, 2.0]]), cells=256)
        tensor([[0.7500, 0.2500, 0.5000]])
    """
    low, high = scores.aminmax(dim=1, keepdim=True)  # [rows, 1] each
    width = ((high - low) / cells).clamp(min=torch.finfo(scores.dtype).tiny)
    first = torch.arange(len(scores), device=scores.device).unsqueeze(1) * cells  # [rows, 1]
    # The highest is at the end of the last cell, on whichever side rounding puts it.
    cell = ((scores - low) / width).long().clamp_(max=cells - 1) + first  # [rows, pool]
    counts = torch.bincount(cell.view(-1), minlength=len(scores) * cells).view(-1, cells)
    at_most = counts.cumsum(1).view(-1).take(cell)  # [rows, pool]
    return at_most.to(scores.dtype) / (scores.shape[1] + 1)


def sampling_risk(above: Tensor, below: Tensor, prior: Tensor, weight: float) -> Tensor:
    """The risk of a negative (BNS, ICDE 2023): `info * (1 - (1 + lambda) * unbias)`.

    Args:
        above: Scores of items minus that of the target, of any shape.
        below: F, from 0 to 1 (exclusive), in the same shape.
        prior: P, from 0 to 1, in the same shape.
        weight: lambda.

    Returns:
        The risk, in the same shape.

    Example:
        An item at the median with a prior of 1/2 is as likely a false negative as not:

        >>> half = torch.tensor(0.5)
        >>> sampling_risk(torch.tensor(0.0), half, half, weight=5.0)
        tensor(-1.)
    """
    true = (1 - below) * (1 - prior)
    unbias = true / (true + below * prior)
    return above.sigmoid() * (1 - (1 + weight) * unbias)
