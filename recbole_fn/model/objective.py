"""The losses of UFNRec and its mining of hard negatives: functions from tensors to tensors.

Liu et al., "UFNRec: Utilizing False Negative Samples for Sequential Recommendation", SDM 2023,
arXiv 2208.04116. Shapes: M rows, N negatives, C = 1 + N candidates with the target first.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def mine_hard_negatives(logits: Tensor, flipped: Tensor) -> Tensor:
    """Finds the negatives that the model ranks above the target (arXiv 2208.04116, section 3.2).

    Args:
        logits: Scores of the target and the negatives, shape [M, 1 + N].
        flipped: Negatives that count as positives in this visit, shape [M, N], bool.

    Returns:
        Slots strictly above the target that are not flipped, shape [M, N], bool.
    """
    return (logits[:, 1:] > logits[:, :1]) & ~flipped


def bce_loss(logits: Tensor, flipped: Tensor) -> Tensor:
    """Binary cross entropy of targets, negatives and flipped negatives (section 3.3).

    Twice the mean over all pairs: the authors' code adds the mean over positive labels and the
    mean over negative labels of equally many of each.

    Args:
        logits: Scores of the target and the negatives, shape [M, 1 + N].
        flipped: Negatives whose label is 1, shape [M, N], bool.

    Returns:
        The loss, a scalar.
    """
    labels = torch.cat([torch.ones_like(logits[:, :1]), flipped.to(logits.dtype)], dim=1)
    return 2 * F.binary_cross_entropy_with_logits(logits, labels)


def consistency_loss(student: Tensor, teacher: Tensor, flipped: Tensor) -> Tensor:
    """Pulls the student's scores of flipped negatives to the teacher's (section 3.4).

    Args:
        student: The student's logits of the negatives, shape [M, N].
        teacher: The teacher's logits of the same, shape [M, N]; no gradient flows into them.
        flipped: Which of them are flipped, shape [M, N], bool.

    Returns:
        Mean binary cross entropy between the student and the teacher's probabilities over the
        flipped negatives, a scalar; 0, still attached to the student's graph, if there are none.
    """
    if not flipped.any():
        return 0 * student.sum()
    probabilities = torch.sigmoid(teacher[flipped].detach())
    return F.binary_cross_entropy_with_logits(student[flipped], probabilities)
