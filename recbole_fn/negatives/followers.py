"""Uniform negatives plus items that often follow the last ones, with soft positive labels."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import Constraint, integer, is_number
from recbole_fn.data.batching import RowBatch
from recbole_fn.data.follower_counts import FollowerCounts, last_items
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.drawing import uniform_log_q
from recbole_fn.negatives.duplicates import RepeatFinder

_BELOW_ONE = Constraint(
    "a number from 0 up to but not including 1", lambda v: is_number(v) and 0 <= v < 1
)
_DECAY = Constraint("a number above 0 up to 1", lambda v: is_number(v) and 0 < v <= 1)
_CHUNK = 512  # rows whose followers are ranked at a time


class FollowerSampler(NegativeSampler):
    """Uniform negatives, and soft positives taken from transition counts of other users.

    Counts make other errors than the model. The last K slots of a row hold the items that other
    users most often had soon after the row's last items. The fraction `share` of the row's
    label mass is divided among them in proportion to their counts; the target keeps the rest.
    All other slots are uniform negatives.

    Use it with `fn_loss: cross_entropy` and `fn_logq: 1`: without the correction, items that are
    candidates in every step are pushed too low.

    Example:
        >>> FollowerSampler.Args(share=0.3)
        FollowerSampler.Args(share=0.3, items=20, window=3, depth=5, decay=0.5)
    """

    name = "followers"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `FollowerSampler`."""

        share: float = argument(
            0.2, _BELOW_ONE, "a, the fraction of a row's label mass that followers share"
        )
        items: int = argument(20, integer(1, 1000), "K, the most followers of a row")
        window: int = argument(3, integer(1, 100), "W, steps within which an item follows")
        depth: int = argument(5, integer(1, 100), "last items of a history whose followers count")
        decay: float = argument(0.5, _DECAY, "factor of an item's weight for each step back")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self._find_repeats = RepeatFinder()
        self._followers, self._weights = self._of_all_rows()

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` items for each row and puts followers into the last slots."""
        items = self.context.uniform(rows, num)  # [rows, num]
        # [rows, followers]
        followers, weights = (table[rows.rows][:, :num] for table in self._tables(items.device))
        if num < self._weights.shape[1]:  # those that found a place share what all would
            weights = weights / weights.sum(1, keepdim=True).clamp_min(1e-9)
        places = slice(num - followers.shape[1], num)
        items[:, places] = torch.where(weights > 0, followers.long(), items[:, places])
        labels = torch.zeros(items.shape, device=items.device)
        labels[:, places] = self.args.share / (1 - self.args.share) * weights  # [rows, followers]
        is_follower = torch.zeros_like(items, dtype=torch.bool)
        is_follower[:, places] = weights > 0
        return Negatives(
            items,
            self._log_q(rows, is_follower),
            is_follower | ~self._repeats(items, is_follower),
            labels,
            fixed=is_follower,
        )

    def _tables(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Followers and weights of all rows, moved to the device once."""
        self._followers, self._weights = self._followers.to(device), self._weights.to(device)
        return self._followers, self._weights

    def _log_q(self, rows: RowBatch, is_follower: Tensor) -> Tensor:
        num = is_follower.shape[1]
        drawn = 1 - is_follower.sum(1, keepdim=True) / num  # [rows, 1], the fraction of drawn slots
        log_q = uniform_log_q(num, self.context.num_free(rows)) + drawn.log()
        return log_q.masked_fill(is_follower, 0.0)  # [rows, num]

    def _repeats(self, items: Tensor, is_follower: Tensor) -> Tensor:
        num_items = self.context.num_items
        row = torch.arange(len(items), device=items.device).unsqueeze(1)  # [rows, 1]
        pairs = row * num_items + items  # [rows, num]
        return self._find_repeats(pairs[is_follower], pairs, len(items) * num_items)

    def _of_all_rows(self) -> tuple[Tensor, Tensor]:
        """Followers of each training row and their weights, which add up to 1: [rows, K] each."""
        dataset, args = self.context.dataset, self.args
        counts = FollowerCounts.of(dataset, args.window)
        last, users = last_items(dataset, args.depth), dataset.inter_feat[dataset.uid_field]
        targets = dataset.inter_feat[dataset.iid_field]
        parts = [
            self._top(counts.after(last[index], users[index], args.decay), users[index], part)
            for index, part in zip(
                torch.arange(len(last)).split(_CHUNK), targets.split(_CHUNK), strict=False
            )
        ]
        items, weights = (torch.cat(tensors) for tensors in zip(*parts, strict=False))  # [rows, K]
        return items, weights

    def _top(self, counts: Tensor, users: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The K items of highest counts [rows, num_items] and their weights: [rows, K] each."""
        self.context.mask_excluded(counts, users)
        counts.scatter_(1, targets.unsqueeze(1), 0)
        weights, items = counts.topk(min(self.args.items, counts.shape[1]), dim=1)  # [rows, K]
        weights = weights.clamp_min(0)
        weights = weights / weights.sum(1, keepdim=True).clamp_min(1e-9)
        return items.int(), weights
