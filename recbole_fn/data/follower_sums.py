"""Weighted counts of followers of some items, without what the row's own user contributed.

Own contributions are subtracted from whole counts, before these are weighted. Of weighted sums they
would leave residues of rounding, which look like counts of other users.
"""

import torch
from torch import Tensor
from torch.nn import functional

from recbole_fn.utils.ragged import ragged_index

Pairs = tuple[Tensor, Tensor, Tensor]
"""`starts`, `followers` and `counts` of `FollowerCounts`."""
Own = tuple[Tensor, Tensor]
"""A pair that a row's user contributed to, and the place of its item in `last`: [own] each."""


def sum_of_table(pairs: Pairs, last: Tensor, weights: Tensor, own: Own) -> Tensor:
    """Sums counts of others from a table of all pairs of items.

    Args:
        pairs: The counts of all users.
        last: The last items of each row, shape [rows, depth].
        weights: The weight of each of them, shape [depth].
        own: The contributions to leave out.

    Returns:
        The sums of each item, shape [rows, num_items].

    Example:
        Item 2 came 5 times after item 1, once of these for the row's user:

        >>> pairs = torch.tensor([0, 0, 1, 1]), torch.tensor([2]), torch.tensor([5])
        >>> own = torch.tensor([0]), torch.tensor([1])
        >>> sum_of_table(pairs, torch.tensor([[0, 1]]), torch.tensor([1.0, 0.5]), own)
        tensor([[0., 0., 2.]])
    """
    (rows, depth), (pair, owner), table = last.shape, own, _table(pairs)
    bags = weights.repeat(rows, 1)  # [rows, depth]
    total = functional.embedding_bag(last, table, per_sample_weights=bags, mode="sum")
    place = owner // depth * len(table) + pairs[1][pair]  # [own]
    places, nth = torch.unique(place, return_inverse=True)  # [places], [own]
    row, item = places // len(table), places % len(table)
    left = table[last[row], item.unsqueeze(1)]  # [places, depth]
    left.view(-1).index_add_(0, nth * depth + owner % depth, left.new_full(nth.shape, -1.0))
    total.view(-1)[places] = (left * weights).sum(1)
    return total  # [rows, num_items]


def sum_of_pairs(pairs: Pairs, last: Tensor, weights: Tensor, own: Own) -> Tensor:
    """The same from the pairs alone, for a catalogue whose table would be too large.

    Args:
        pairs: See `sum_of_table`.
        last: See there.
        weights: See there.
        own: See there.

    Returns:
        The sums of each item, shape [rows, num_items].

    Example:
        >>> pairs = torch.tensor([0, 0, 1, 1]), torch.tensor([2]), torch.tensor([5])
        >>> own = torch.tensor([0]), torch.tensor([1])
        >>> sum_of_pairs(pairs, torch.tensor([[0, 1]]), torch.tensor([1.0, 0.5]), own)
        tensor([[0., 0., 2.]])
    """
    starts, followers, counts = pairs
    (rows, depth), (pair, of), items, num_items = last.shape, own, last.reshape(-1), len(starts) - 1
    begins = starts[items]  # [rows * depth]
    sizes = starts[items + 1] - begins
    at, owner, _ = ragged_index(begins, sizes)  # [pairs] each
    left, firsts = counts[at], sizes.cumsum(0) - sizes
    left.index_add_(0, firsts[of] + pair - begins[of], left.new_full(of.shape, -1))
    total = torch.zeros(rows * num_items, dtype=torch.float32, device=last.device)
    total.index_add_(0, owner // depth * num_items + followers[at], weights[owner % depth] * left)
    return total.view(rows, -1)


def _table(pairs: Pairs) -> Tensor:
    """The counts of all pairs of items, [num_items, num_items]."""
    starts, followers, counts = pairs
    num_items, sizes = len(starts) - 1, starts[1:] - starts[:-1]
    keys = torch.arange(num_items, device=starts.device).repeat_interleave(sizes)  # [pairs]
    table = torch.zeros((num_items, num_items), dtype=torch.float32, device=starts.device)
    table[keys, followers.long()] = counts.float()
    return table
