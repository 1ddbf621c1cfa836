"""The consistency loss, which keeps the student close to its teacher on flipped items."""

import torch
import torch.nn.functional as F
from torch import Tensor

from recbole_fn.scoring.precision import full_precision


def consistency_loss(student: Tensor, teacher: Tensor) -> tuple[Tensor, int]:
    """Pulls the student's scores of flipped items towards the teacher's (arXiv 2208.04116, 3.4).

    Args:
        student: The student's logits of the flipped items, shape [flipped].
        teacher: The teacher's logits of the same items, shape [flipped]; they get no gradient.

    Returns:
        The mean binary cross entropy of the student's logits against the teacher's
        probabilities, a scalar, and the number of its terms. Without items the mean is 0, still
        attached to the student's graph.

    Example:
        >>> consistency_loss(torch.zeros(2), torch.zeros(2))  # log 2
        (tensor(0.6931), 2)
    """
    with torch.autocast(student.device.type, enabled=False):
        student = full_precision(student)
        probability = torch.sigmoid(full_precision(teacher.detach())).to(student.dtype)
        total = F.binary_cross_entropy_with_logits(student, probability, reduction="sum")
        return total / max(len(student), 1), len(student)
