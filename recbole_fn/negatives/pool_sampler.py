"""Samplers that draw a pool of items, score it once and choose negatives from it."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.constraints import integer
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score

POOL = integer(1, 1_000_000)
POOL_MEANING = "items drawn uniformly for each row, of which the negatives are chosen"


@dataclass(frozen=True)
class ScoredPool:
    """A pool of items for each row, scored by the current model.

    Attributes:
        rows: The rows.
        items: Item ids, drawn uniformly with repetitions, shape [rows, pool].
        scores: Their scores, shape [rows, pool].
        target: The scores of the rows' targets, shape [rows, 1].

    Example:
        >>> ScoredPool(None, *torch.tensor([[[4, 5]], [[9, 7]], [[8, 8]]])).items
        tensor([[4, 5]])
    """

    rows: RowBatch
    items: Tensor
    scores: Tensor
    target: Tensor


class PoolSampler(NegativeSampler):
    """Draws a pool of items, scores it with the row's encoding and chooses negatives from it.

    The pool and the target are scored by one call, which encodes nothing. How likely an item is to
    be chosen depends on the scores of all items, which are not computed.

    Example:
        >>> from types import SimpleNamespace
        >>> class Last(PoolSampler):
        ...     def choose(self, pool, num):
        ...         return pool.items.argsort(1)[:, -num:]
        >>> context = SimpleNamespace(uniform=lambda rows, num: torch.arange(1, num + 1)[None])
        >>> rows = SimpleNamespace(targets=torch.tensor([9]))
        >>> Last(context, SimpleNamespace(pool=5)).sample(rows, 2, lambda items: items).items
        tensor([[4, 5]])
    """

    knows_log_q: ClassVar[bool] = False

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `args.pool` items for each row, at least `num`, and chooses `num` of them."""
        pool = self.draw_pool(rows, num, score)
        return Negatives(pool.items.gather(1, self.choose(pool, num)))

    def draw_pool(self, rows: RowBatch, num: int, score: Score) -> ScoredPool:
        """Draws and scores a pool of at least `num` items for each row."""
        items = self.context.uniform(rows, max(self.args.pool, num))  # [rows, pool]
        scores = score(torch.cat([rows.targets.unsqueeze(1), items], dim=1))  # [rows, 1 + pool]
        return ScoredPool(rows, items, scores[:, 1:], scores[:, :1])

    @abstractmethod
    def choose(self, pool: ScoredPool, num: int) -> Tensor:
        """Chooses negatives.

        Args:
            pool: The pool.
            num: Negatives for each row.

        Returns:
            Their columns in the pool, shape [rows, num].
        """


def highest(keys: Tensor, num: int) -> Tensor:
    """The columns of the highest keys of each row, in no order: [rows, num] for [rows, pool].

    Args:
        keys: Keys, shape [rows, pool].
        num: How many to choose.

    Example:
        >>> highest(torch.tensor([[3.0, 9.0, 7.0]]), 2).sort(1).values
        tensor([[1, 2]])
    """
    return keys.topk(num, dim=1, sorted=False).indices


def draw_by_weight(log_weights: Tensor, num: int, generator: torch.Generator) -> Tensor:
    """Draws columns of each row by weight, one after another, without replacement.

    The highest sums of a log weight and Gumbel noise are such draws (Kool et al., ICML 2019,
    arXiv 1903.06059, section 2.2). They cost half of `torch.multinomial`.

    Args:
        log_weights: Logs of the weights, shape [rows, pool].
        num: Draws for each row.
        generator: Source of randomness, on the device of `log_weights`.

    Returns:
        Columns, in no order, shape [rows, num].

    Example:
        A column whose weight is e^60 times that of another is drawn before it:

        >>> log_weights = torch.tensor([[0.0, 60.0, 0.0]])
        >>> draw_by_weight(log_weights, 1, torch.Generator().manual_seed(0))
        tensor([[1]])
    """
    uniform = torch.empty_like(log_weights).uniform_(generator=generator)
    tiny = torch.finfo(uniform.dtype).tiny  # of a draw of 0 the logarithm would be infinite
    exponential = uniform.clamp_(min=tiny).log_().neg_().clamp_(min=tiny)
    return highest(log_weights - exponential.log_(), num)
