"""Matching pairs of an owner and an item, written as one number each."""

import torch
from torch import Tensor

_REPEATED = -2  # marks a new pair that stood before


def match_pairs(old: Tensor, new: Tensor) -> tuple[Tensor, Tensor]:
    """Finds the distinct new pairs, and which of the old ones they equal.

    Args:
        old: Distinct pairs of owner and item as numbers, shape [E].
        new: Pairs, with repetitions, shape [K].

    Returns:
        The places in `new` where a pair stands for the first time, ascending, shape [D], and
        the places in `old` of the same pairs, -1 where there is none, shape [D].
    """
    # The sort is stable, so the equal ones stand together: the old one, then the new in order.
    pairs, place = torch.sort(torch.cat([old, new]), stable=True)
    begins, is_new = torch.ones_like(pairs, dtype=torch.bool), place >= len(old)
    begins[1:] = pairs[1:] != pairs[:-1]
    leads = is_new & begins  # and so do those that follow an old one
    leads[1:] |= is_new[1:] & ~is_new[:-1]
    at = leads.nonzero().squeeze(1)
    partner = torch.full_like(new, _REPEATED, dtype=torch.int64)
    led = torch.where(begins.index_select(0, at), -1, place.index_select(0, (at - 1).clamp_(min=0)))
    partner[place.index_select(0, at) - len(old)] = led
    first = (partner > _REPEATED).nonzero().squeeze(1)
    return first, partner.index_select(0, first)
