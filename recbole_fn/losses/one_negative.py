"""The one negative of each row that a pairwise or pointwise model's own loss takes."""

import torch
from torch import Tensor

from recbole_fn.scoring.scored import Labelled, ScoredRows


def one_negative(scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Tensor]:
    """Takes the last slot of each row that is a negative: remembered items fill the first ones.

    A slot is none if its item is extracted, takes no part in the loss (an item of the history,
    say), or has a label above 0.

    Args:
        scored: The rows; candidate 0 is the target, and the slots follow.
        labelled: Their labels.

    Returns:
        Item ids, shape [rows], and which rows have a negative, shape [rows], bool. The item of
        a row that has none means nothing.

    Examples:
        Item 9 is a soft positive, item 8 takes no part, and item 7 is extracted:

        >>> from types import SimpleNamespace
        >>> scored = SimpleNamespace(
        ...     items=torch.tensor([[7, 6, 8, 9], [7, 7, 8, 9]]),
        ...     extracted=torch.tensor([[True, False, False, False], [True, True, False, False]]),
        ... )
        >>> labels = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.2], [1.0, 1.0, 1.0, 0.0, 0.2]])
        >>> valid = torch.tensor([[True, True, True, False, True]] * 2)
        >>> one_negative(scored, Labelled(labels, valid))
        (tensor([6, 7]), tensor([ True, False]))
    """
    negative = (labelled.labels[:, 1:] == 0) & ~scored.extracted  # [rows, slots]
    if labelled.valid is not None:
        negative &= labelled.valid[:, 1:]
    slots = torch.arange(negative.shape[1], device=negative.device)
    last = slots.masked_fill(~negative, -1).amax(1)  # [rows]
    items = scored.items.gather(1, last.clamp_min(0).unsqueeze(1)).squeeze(1)  # [rows]
    return items, last >= 0
