"""Mining of hard negatives: functions from tensors to tensors.

Liu et al., "UFNRec: Utilizing False Negative Samples for Sequential Recommendation", SDM 2023,
arXiv 2208.04116, section 3.2. Shapes: M rows, N negatives, the target before them.
"""

import torch
from torch import Tensor


def mine_hard_negatives(logits: Tensor, extracted: Tensor) -> Tensor:
    """Finds the negatives that the model ranks above the target (arXiv 2208.04116, section 3.2).

    Args:
        logits: Scores of the target and the negatives, shape [M, 1 + N].
        extracted: Slots that hold extracted items in this step, shape [M, N], bool.

    Returns:
        Slots strictly above the target that are not extracted, shape [M, N], bool.

    Examples:
        >>> logits = torch.tensor([[1.0, 2.0, 0.5, 3.0]])  # the target scores 1
        >>> mine_hard_negatives(logits, torch.tensor([[False, False, True]]))
        tensor([[ True, False, False]])
    """
    return (logits[:, 1:] > logits[:, :1]) & ~extracted


def keep_highest(hard: Tensor, scores: Tensor, most: int) -> Tensor:
    """Keeps the hard negatives of each row that score highest.

    Args:
        hard: Hard slots, shape [M, N], bool.
        scores: Scores of the slots, shape [M, N].
        most: Maximal number of slots to keep in each row.

    Returns:
        At most `most` hard slots of each row, shape [M, N], bool.

    Examples:
        >>> hard = torch.tensor([[True, True, False]])
        >>> keep_highest(hard, torch.tensor([[2.0, 3.0, 9.0]]), most=1)
        tensor([[False,  True, False]])
    """
    if most >= hard.shape[1]:
        return hard
    slots = scores.masked_fill(~hard, -torch.inf).topk(most, dim=1).indices  # [M, most]
    return torch.zeros_like(hard).scatter_(1, slots, True) & hard  # [M, N]
