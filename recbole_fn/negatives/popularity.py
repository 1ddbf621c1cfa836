"""Negatives drawn by popularity, as in word2vec."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.weighted import WeightedDraws, capacity_for, whole_weights
from recbole_fn.utils.errors import InputError


class PopularitySampler(NegativeSampler):
    """Draws an item with a probability proportional to its popularity to the power `alpha`.

    `q(i) = max(c_i, 1)^alpha / sum_j max(c_j, 1)^alpha` over the items j that `fn_neg_exclude`
    leaves the row, where c is how often an item is a target of training (Mikolov et al.,
    "Distributed Representations of Words and Phrases", arXiv 1310.4546, section 2.2; there every
    word occurs).
    An item that is no target of training counts once, so every row has an item to draw.

    Example:
        >>> PopularitySampler.Args()
        PopularitySampler.Args(alpha=0.75)
    """

    name = "popularity"
    redraws = "few"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `PopularitySampler`."""

        alpha: float = argument(0.75, NON_NEGATIVE, "power of the counts; 0 draws uniformly")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self._shares = popularity_shares(context.popularity, args.alpha)
        self._draws: WeightedDraws | None = None
        smallest = whole_weights(self._shares, capacity_for(context))[1:].min()
        if smallest < 1:
            raise InputError(
                f"fn_sampler_args: alpha is {args.alpha}, with which the least popular items "
                f"have no chance and an infinite log q; it must be smaller, such as 0.75"
            )

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` items for each row, with repetitions."""
        return Negatives(self._drawing(rows.users.device).draw(self.context, rows, num).long())

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """`log(num * q(i))`, exactly as drawn."""
        items = negatives.items
        log_share = self._drawing(items.device).log_share(rows, items)
        return log_share + torch.tensor(float(items.shape[1])).log()

    def _drawing(self, device: torch.device) -> WeightedDraws:
        if self._draws is None or self._draws.weights.device != device:
            self._draws = WeightedDraws.of(self.context, self._shares, device)
        return self._draws


def popularity_shares(counts: Tensor, alpha: float) -> Tensor:
    """`max(c, 1)^alpha`, divided by the largest so that no power overflows; the padding's is 0.

    Args:
        counts: How often each item is a target, shape [num_items].
        alpha: The power.

    Example:
        >>> popularity_shares(torch.tensor([0, 16, 1]), alpha=0.5)
        tensor([0.0000, 1.0000, 0.2500], dtype=torch.float64)
    """
    counts = counts.double().clamp_min(1)
    shares: Tensor = (counts / counts.max()) ** alpha
    shares[0] = 0
    return shares
