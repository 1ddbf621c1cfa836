"""Draws items by weight for a whole batch at once, without those that are never negatives."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.history import UserHistories
from recbole_fn.negatives.alias import AliasTable
from recbole_fn.negatives.context import SamplerContext

_REDRAWS = 3  # rounds of drawing again; more do not pay off
_FEW = 1000  # looking up this many items is as fast as drawing again
_BITS = 24  # of a column of the alias table: weights are exact to 2**-24 of their mean
_KEY_BITS = 62  # a pair of a user and a weight fits into 64 bits


def whole_weights(shares: Tensor, capacity: int) -> Tensor:
    """Rounds shares to integers that add up to `num_items * capacity`; no item's is lost.

    Args:
        shares: Any numbers of at least 0, shape [num_items]; the padding's is 0.
        capacity: The mean weight of an item.

    Returns:
        Weights, shape [num_items], int64. An item of a share above 0 may have the weight 0 if the
        share is too small for integers of this size.

    Example:
        >>> whole_weights(torch.tensor([0.0, 3.0, 1.0]), capacity=4)
        tensor([0, 9, 3])
    """
    shares = shares.double()
    weights = torch.floor(shares / shares.sum() * len(shares) * capacity).long()
    weights[shares.argmax()] += len(shares) * capacity - weights.sum()
    return weights


def history_mass(histories: UserHistories, weights: Tensor) -> Tensor:
    """The weight of all items of each user's history, shape [num_users].

    Args:
        histories: The histories.
        weights: The weight of each item, shape [num_items], int64.

    Example:
        >>> histories = UserHistories.from_pairs(torch.tensor([3 + 1, 3 + 2]), 2, 3)
        >>> history_mass(histories, torch.tensor([0, 7, 5]))
        tensor([ 0, 12])
    """
    running = _running(histories, weights)
    return running[histories.starts[1:]] - running[histories.starts[:-1]]


@dataclass(frozen=True)
class WeightedDraws:
    """Draws by weight; what a row must not draw is drawn again, and the last ones are looked up.

    Attributes:
        weights: The weight of each item, shape [num_items], int64.
        ends: Their cumulative sum.
        table: Draws from all items.
        histories: The items to leave out for each user; None to leave out each row's target.
        running: Cumulative weight before each pair of the histories, shape [1 + pairs].
        keys: `user * (1 + total)` plus the weight of the user's free items below each pair,
            ascending, shape [pairs].

    Example:
        `PopularitySampler` makes it:

        >>> shares = context.popularity / context.popularity.sum()
        >>> draws = WeightedDraws.of(context, shares, rows.users.device)
        >>> items = draws.draw(context, rows, num=100)
        >>> items.shape, len(context.excluded(rows.users, rows.targets, items))
        (torch.Size([8, 100]), 0)
    """

    weights: Tensor
    ends: Tensor
    table: AliasTable
    histories: UserHistories | None
    running: Tensor
    keys: Tensor

    @classmethod
    def of(cls, context: SamplerContext, shares: Tensor, device: torch.device) -> "WeightedDraws":
        """Prepares draws.

        Args:
            context: The run.
            shares: The share of each item, shape [num_items].
            device: Where to draw.
        """
        capacity = capacity_for(context)
        weights = whole_weights(shares, capacity).to(device)
        ends, histories = torch.cumsum(weights, 0), context.excluded_histories
        running = keys = weights[:0]
        if histories is not None:
            histories = histories.to(device)
            users, items = histories.pairs // context.num_items, histories.pairs % context.num_items
            running = _running(histories, weights)
            below = (ends - weights)[items] - (running[:-1] - running[histories.starts[users]])
            keys = users * (1 + ends[-1]) + below
        return cls(weights, ends, AliasTable.of(weights, capacity), histories, running, keys)

    def draw(self, context: SamplerContext, rows: RowBatch, num: int) -> Tensor:
        """Draws `num` items for each row, with repetitions: int32 [rows, num]."""
        generator = context.generator(rows.users.device)
        items = self.table.draw((len(rows.users), num), generator)
        excluded = context.excluded(rows.users, rows.targets, items)  # [excluded]
        for _ in range(_REDRAWS):
            if len(excluded) <= _FEW:
                break
            owner = torch.div(excluded, num, rounding_mode="floor")
            again = self.table.draw((len(owner), 1), generator)
            items.view(-1)[excluded] = again.squeeze(1)
            excluded = excluded[context.excluded(rows.users[owner], rows.targets[owner], again)]
        owner = torch.div(excluded, num, rounding_mode="floor")
        found = self._draw_free(rows.users[owner], rows.targets[owner], generator)
        items.view(-1)[excluded] = found.int()
        return items

    def free_mass(self, users: Tensor, targets: Tensor) -> Tensor:
        """The weight of all items that each row may draw: int64 [rows] for ids [rows] each."""
        if self.histories is None:
            return self.ends[-1] - self.weights[targets]
        starts = self.histories.starts
        return self.ends[-1] - (self.running[starts[users + 1]] - self.running[starts[users]])

    def log_share(self, rows: RowBatch, items: Tensor) -> Tensor:
        """Log of the probability of each item [rows, items] as a draw of its row."""
        free = self.free_mass(rows.users, rows.targets).double().log()  # [rows]
        log_weights = self.weights.double().log()  # [num_items]
        return log_weights.float()[items] - free.float().unsqueeze(1)  # [rows, items]

    def _draw_free(self, users: Tensor, targets: Tensor, generator: torch.Generator) -> Tensor:
        """One free item for each row, by the inverse of its cumulative weights: [rows]."""
        free = self.free_mass(users, targets)
        uniform = torch.rand(len(users), generator=generator, device=users.device).double()
        fine = torch.rand(len(users), generator=generator, device=users.device).double()
        level = torch.minimum(((uniform + fine * 2.0**-24) * free).long(), free - 1)
        return torch.searchsorted(
            self.ends, level + self._left_out(users, targets, level), right=True
        )

    def _left_out(self, users: Tensor, targets: Tensor, level: Tensor) -> Tensor:
        """The weight of left out items below the free item at a level, [rows]."""
        if self.histories is None:
            own = self.weights[targets]
            return own * (level >= self.ends[targets] - own)
        place = torch.searchsorted(self.keys, users * (1 + self.ends[-1]) + level, right=True)
        return self.running[place] - self.running[self.histories.starts[users]]


def capacity_for(context: SamplerContext) -> int:
    """The mean weight of an item, so that pairs of a user and a weight fit into 64 bits.

    Example:
        >>> from types import SimpleNamespace
        >>> capacity_for(SimpleNamespace(num_users=2**20, num_items=2**25)) == 2 ** (62 - 21 - 26)
        True
    """
    taken = context.num_users.bit_length() + context.num_items.bit_length()
    return 1 << min(_BITS, _KEY_BITS - taken)


def _running(histories: UserHistories, weights: Tensor) -> Tensor:
    of_pairs = weights[histories.pairs % histories.num_items]  # [pairs]
    return torch.cat([weights.new_zeros(1), torch.cumsum(of_pairs, 0)])  # [1 + pairs]
