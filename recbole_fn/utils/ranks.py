"""The rank of items among all items of a row."""

import torch
from torch import Tensor

_ROWS = 64  # rows of scores copied at once: noting ranks must not raise a job's peak memory


def rank_of(scores: Tensor, rows: Tensor, items: Tensor) -> Tensor:
    """The rank of items, from 1; of equal scores the lowest item id comes first.

    So a model that cannot tell its items apart has its targets in no better places than others.
    An item whose score is NaN comes last.

    Args:
        scores: Scores of all items, shape [rows, num_items].
        rows: The row of each item, shape [P].
        items: The items, shape [P].

    Returns:
        Ranks, shape [P].

    Example:
        >>> scores = torch.tensor([[0.3, 0.1, 0.2, 0.3]])
        >>> rank_of(scores, torch.tensor([0, 0]), torch.tensor([2, 3]))
        tensor([3, 2])
    """
    ids = torch.arange(scores.shape[1], device=scores.device)
    ranks = [items.new_zeros(0)]
    for row, item in zip(rows.split(_ROWS), items.split(_ROWS), strict=True):
        of_row, column = scores[row], item.unsqueeze(1)
        own = of_row.gather(1, column)
        tied = (of_row == own) & (ids < column)
        ranks.append(1 + (~(of_row <= own) | tied).sum(1) - own.isnan().long().squeeze(1))
    return torch.cat(ranks)
