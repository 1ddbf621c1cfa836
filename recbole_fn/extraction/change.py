"""What changes in the lists of remembered items when their rows are visited."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.extraction.matching import match_pairs
from recbole_fn.extraction.row_lists import Lists
from recbole_fn.utils.places import key_type, true_places


@dataclass(frozen=True)
class Change:
    """The new lists of M rows with W slots, and who comes and goes.

    Attributes:
        is_kept: Slots whose items are in the new list, shape [M, W], bool.
        counts: The counts of these items as far as the old lists know them, otherwise 0,
            shape [M, W], int16.
        coming: Slots whose items were not in the old list, in the flattened slots, shape [coming].
        going: Places in the flattened old lists of items that are not in the new one,
            shape [going].

    Examples:
        A row has remembered items 7 and 4; now 4 and 5 are hard, and 5 is in two slots:

        >>> entries, both = torch.tensor([[7, 4, 0]]), torch.tensor([[True, True, False]])
        >>> old = Lists(entries.int(), torch.tensor([[2, 3, 0]]).short(), both)
        >>> new = change(old, torch.tensor([[5, 4, 5]]).int(), torch.ones(1, 3) > 0, 9)
        >>> new.is_kept, new.counts.tolist()
        (tensor([[ True,  True, False]]), [[0, 3, 0]])
        >>> new.coming, new.going
        (tensor([0]), tensor([0]))
    """

    is_kept: Tensor
    counts: Tensor
    coming: Tensor
    going: Tensor


def change(old: Lists, items: Tensor, hard: Tensor, num_items: int) -> Change:
    """Finds what changes in the lists.

    Args:
        old: The lists before.
        items: The items in the slots of each row, shape [M, W], int32.
        hard: Which slots are to be remembered, each item once, shape [M, W], bool.
        num_items: Size of the catalogue, the padding id included.

    Example:
        >>> entries = torch.tensor([[7, 4]]).int(), torch.tensor([[2, 3]]).short()
        >>> old = Lists(*entries, torch.tensor([[True, True]]))
        >>> new = change(old, torch.tensor([[7, 5]]).int(), torch.tensor([[True, False]]), 9)
        >>> new.is_kept, new.going  # 7 stays; 4, in the second place, goes
        (tensor([[ True, False]]), tensor([1]))
    """
    stays = old.is_entry & hard & (old.items == items)  # in the same slot
    counts = torch.where(stays, old.counts, 0)  # [M, W]
    listed, fresh = true_places(old.is_entry), true_places(hard & ~stays)
    row = torch.arange(len(items), device=items.device).unsqueeze(1)
    begin = row.to(key_type(len(row) * num_items)) * num_items  # [M, 1]
    pairs = ((begin + side).view(-1) for side in (old.items, items))
    first, partner = match_pairs(*(of[at] for of, at in zip(pairs, (listed, fresh), strict=True)))
    fresh = fresh.index_select(0, first)  # [D]
    is_kept, leaves = stays.clone(), old.is_entry ^ stays
    is_kept.view(-1).index_fill_(0, fresh, True)
    known = true_places(partner >= 0)  # of D: in another slot of the old list
    if len(known):
        at, to = listed[partner[known]], fresh[known]
        counts.view(-1)[to] = old.counts.view(-1)[at]
        leaves.view(-1)[at] = False
        is_kept.view(-1)[to] = ~stays.view(-1)[at]  # not if it also stays
    return Change(is_kept, counts, fresh[partner < 0], true_places(leaves))
