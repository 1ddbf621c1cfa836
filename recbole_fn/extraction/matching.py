"""Matching of (owner, item) pairs, each encoded as one integer."""

import torch
from torch import Tensor

from recbole_fn.utils.places import stable_sort, true_places

_REPEATED = -2  # marks a new pair that occurred earlier in `new`


def match_pairs(old: Tensor, new: Tensor) -> tuple[Tensor, Tensor]:
    """Deduplicates new pairs and matches each of them with an equal old pair.

    Args:
        old: Distinct pairs as integers, shape [E].
        new: Pairs with repetitions, shape [K].

    Returns:
        The indices in `new` of the first occurrence of each pair, ascending, shape [D]; and the
        indices in `old` of the same pairs, -1 where there is none, shape [D].

    Examples:
        >>> match_pairs(torch.tensor([10, 30]), torch.tensor([20, 30, 20]))
        (tensor([0, 1]), tensor([-1,  1]))
    """
    # The sort is stable: an old pair comes before its equals in `new`, which stay in order.
    pairs, source = stable_sort(torch.cat([old, new]))  # [E + K]
    begins, is_new = torch.ones_like(pairs, dtype=torch.bool), source >= len(old)
    begins[1:] = pairs[1:] != pairs[:-1]
    leads = is_new & begins  # the first occurrences: they begin a group,
    leads[1:] |= is_new[1:] & ~is_new[:-1]  # or follow an old pair
    at = true_places(leads)  # [D]
    partner = torch.full_like(new, _REPEATED, dtype=torch.int64)  # [K]
    before = source.index_select(0, (at - 1).clamp_(min=0))  # [D], the old pair, if there is one
    old_index = torch.where(begins.index_select(0, at), -1, before)  # [D]
    partner[source.index_select(0, at) - len(old)] = old_index
    first = true_places(partner > _REPEATED)  # [D]
    return first, partner.index_select(0, first)
