"""Wraps another sampler, and draws anew what is probably a false negative."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import FRACTION, integer, one_of
from recbole_fn.config.key_constraints import ARGUMENTS, CLASS
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.choice import find_class, find_sampler
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.duplicates import RepeatFinder
from recbole_fn.negatives.guards import CooccurrenceGuard, IsFalse, MemoryGuard, QuantileGuard
from recbole_fn.negatives.redraws import Redraws
from recbole_fn.negatives.wrapping import WrappingSampler


class GuardedSampler(WrappingSampler):
    """Draws by another sampler; what a guard calls a false negative is drawn anew.

    After `tries` rounds, what is still called false takes no part in the loss. Nor does an item
    of each visit or with a label, such as a follower, that is called false: nothing is drawn in
    its place, and no draw repeats one. Guards:

    - `memory`: the item has been extracted for the row, as it stayed hard for more than
      `fn_flip_after` visits (UFNRec, arXiv 2208.04116, section 3.2).
    - `quantile`: it scores above the `quantile` of `pool` uniform draws of the row. The hardest of
      many draws are the likeliest false negatives (Shi et al., WWW 2023; here a bound on them).
    - `cooccurrence`: other users have had it at least `least` times within `window` steps after
      one of the row's last `depth` items.

    `log_q` is that of the other sampler: a guard takes candidates away and shifts it for all draws
    of a row alike, by at most the log of the share of draws that it leaves.

    Example:
        >>> GuardedSampler.Args(sampler="popularity", guard="cooccurrence").least
        2
    """

    name = "guarded"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `GuardedSampler`."""

        sampler: str = argument("uniform", CLASS, "the sampler that draws")
        sampler_args: Mapping[str, Any] | None = argument(None, ARGUMENTS, "its arguments")
        guard: str = argument(
            "memory", one_of("memory", "quantile", "cooccurrence"), "what calls a candidate false"
        )
        tries: int = argument(3, integer(0, 100), "rounds of drawing anew")
        quantile: float = argument(0.99, FRACTION, "of `quantile`: above it, a score is too high")
        pool: int = argument(100, integer(1, 100_000), "of `quantile`: the draws it is taken of")
        least: int = argument(2, integer(1, 1_000_000), "of `cooccurrence`: times")
        window: int = argument(3, integer(1, 100), "of `cooccurrence`: steps")
        depth: int = argument(1, integer(1, 100), "of `cooccurrence`: the last items that count")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args, find_sampler(context, args.sampler, args.sampler_args))
        guards: dict[str, Callable[[], Callable[[RowBatch, Score], IsFalse]]] = {
            "memory": lambda: MemoryGuard(context),
            "quantile": lambda: QuantileGuard(context, args.quantile, args.pool),
            "cooccurrence": lambda: CooccurrenceGuard(context, args.least, args.window, args.depth),
        }
        self._guard = guards[args.guard]()
        self._find_repeats = RepeatFinder()

    @classmethod
    def drawing(cls, args: Any) -> type[NegativeSampler]:
        """The class of the sampler that draws."""
        return find_class(args.sampler)

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` items for each row, in at most `1 + tries` rounds."""
        redraws = Redraws(self.inner, rows, num, score, self.args.tries)
        drawn, is_false = redraws.first, self._guard(rows, score)
        valid, bound = _valid(drawn), _bound(drawn)  # [rows, num] each
        false = is_false(drawn.items) & valid
        drawn = replace(drawn, valid=valid & ~(false & bound))
        false = false & ~bound
        for _ in range(self.args.tries):
            most = int(false.sum(1).max())
            if most == 0:
                break
            again = redraws.again(false, most)
            wrong = is_false(again.items) | ~_valid(again) | _bound(again)  # [rows, most]
            wrong |= self._held(drawn, bound, false, again.items)
            nth = (false.cumsum(1) - 1).clamp_min(0)  # [rows, num], of the false ones of the row
            drawn = _with(drawn, again, false, nth)
            false = false & wrong.gather(1, nth)
        return replace(drawn, valid=_valid(drawn) & ~false)

    def _held(self, drawn: Negatives, bound: Tensor, false: Tensor, again: Tensor) -> Tensor:
        """Which new draws [rows, most] a row has and may have once: [rows, most], bool."""
        if self.inner.redraws == "distinct":
            bound = torch.ones_like(bound)
        num_items = self.context.num_items
        first = torch.arange(len(again), device=again.device).unsqueeze(1) * num_items  # [rows, 1]
        held = (first + drawn.items)[bound & _valid(drawn) & ~false]
        return self._find_repeats(held, first + again, len(again) * num_items)


def _valid(negatives: Negatives) -> Tensor:
    if negatives.valid is not None:
        return negatives.valid
    return torch.ones_like(negatives.items, dtype=torch.bool)


def _bound(negatives: Negatives) -> Tensor:
    """The items that are no draws, so that none can be drawn in their place: [rows, num], bool."""
    bound = torch.zeros_like(negatives.items, dtype=torch.bool)
    if negatives.fixed is not None:
        bound = bound | negatives.fixed
    return bound if negatives.labels is None else bound | (negatives.labels > 0)


def _with(drawn: Negatives, again: Negatives, false: Tensor, nth: Tensor) -> Negatives:
    """The draws with the n-th of other ones in place of the n-th false one, row by row."""

    def put(old: Tensor | None, new: Tensor | None) -> Tensor | None:
        return None if old is None or new is None else torch.where(false, new.gather(1, nth), old)

    return replace(
        drawn,
        items=torch.where(false, again.items.gather(1, nth), drawn.items),
        log_q=put(drawn.log_q, again.log_q),
        valid=put(_valid(drawn), _valid(again)),
        weights=put(drawn.weights, again.weights),
    )
