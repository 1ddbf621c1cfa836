"""Counts of followers as a prior: what others had next, weighed against the model."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import BOOLEAN, NON_NEGATIVE, Constraint, integer, is_number
from recbole_fn.data.follower_counts import FollowerCounts
from recbole_fn.priors.base import Ends, ScorePrior
from recbole_fn.utils.recbole_types import Dataset

_DECAY = Constraint("a number above 0 up to 1", lambda v: is_number(v) and 0 < v <= 1)
_BYTES = 32 << 20  # of counts of all items at a time


class FollowerPrior(ScorePrior):
    """Adds `w log(1 + b c)` to a score; c is how often other users had the item soon after.

    c sums over the last items l_0, l_1, ... of the history, newest first:
    `c(i) = sum_d decay^d C(l_d, i)`, where C counts how often i came within `window` steps after
    l_d. The user's own transitions are left out of C, in training and in evaluation alike: in
    training the target would vote for itself.

    Args:
        dataset: The built training set, on which transitions are counted once.
        args: The arguments.

    Attributes:
        weight: w; a parameter of the model if `learn` is True.

    Example:
        >>> FollowerPrior.Args(weight=0.5)
        FollowerPrior.Args(weight=0.5, learn=True, scale=4.0, window=3, depth=5, decay=0.5)
    """

    name = "followers"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `FollowerPrior`."""

        weight: float = argument(1.0, NON_NEGATIVE, "w, the weight of the prior at the start")
        learn: bool = argument(True, BOOLEAN, "whether w is trained with the model")
        scale: float = argument(4.0, NON_NEGATIVE, "b, the factor of a count")
        window: int = argument(3, integer(1, 100), "W, steps within which an item follows")
        depth: int = argument(5, integer(1, 100), "last items of a history whose followers count")
        decay: float = argument(0.5, _DECAY, "factor of an item's weight for each step back")

    args: Args

    def __init__(self, dataset: Dataset, args: Args) -> None:
        super().__init__(dataset, args)
        self.depth = args.depth
        self.weight = nn.Parameter(torch.tensor(float(args.weight)), requires_grad=args.learn)
        counts = FollowerCounts.of(dataset, args.window)
        self.num_items, self._names = counts.num_items, list(counts.tensors())
        for name, tensor in counts.tensors().items():
            self.register_buffer(name, tensor)

    @property
    def transitions(self) -> FollowerCounts:
        """The counts, on the model's device."""
        tensors = {name: self.get_buffer(name) for name in self._names}
        return FollowerCounts(self.num_items, self.args.window, **tensors)

    def pairs(self, ends: Ends, items: Tensor) -> Tensor:
        """See `ScorePrior`."""
        parts = [
            self.transitions.after(part.last, part.users, self.args.decay).gather(1, ids)
            for part, ids in self._chunks(ends, items)
        ]
        return self._prior(torch.cat(parts) if parts else items.new_zeros(items.shape).float())

    def catalogue(self, ends: Ends) -> Tensor:
        """See `ScorePrior`."""
        return self._prior(self.transitions.after(ends.last, ends.users, self.args.decay))

    def _prior(self, counts: Tensor) -> Tensor:
        return self.weight * torch.log1p(self.args.scale * counts)

    def _chunks(self, ends: Ends, items: Tensor) -> Iterator[tuple[Ends, Tensor]]:
        """Rows few enough for the counts of all items to fit into `_BYTES`."""
        rows = max(1, _BYTES // (4 * self.num_items))
        parts = zip(ends.last.split(rows), ends.users.split(rows), items.split(rows), strict=True)
        for last, users, ids in parts:
            yield Ends(last, users), ids
