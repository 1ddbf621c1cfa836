"""The loss that keeps the student near its teacher on flipped items."""

import torch
import torch.nn.functional as F
from torch import Tensor

from recbole_fn.scoring.precision import full_precision


def consistency_loss(student: Tensor, teacher: Tensor) -> tuple[Tensor, int]:
    """Pulls the student's scores of flipped items to the teacher's (arXiv 2208.04116, 3.4).

    Args:
        student: The student's logits of the flipped items, shape [E].
        teacher: The teacher's logits of the same, shape [E]; no gradient flows into them.

    Returns:
        Mean binary cross entropy between the student and the teacher's probabilities, a
        scalar, and the number of its terms, E. The mean of none is 0, still attached to the
        student's graph.

    Example:
        >>> consistency_loss(torch.zeros(2), torch.zeros(2))  # log 2
        (tensor(0.6931), 2)
    """
    with torch.autocast(student.device.type, enabled=False):
        student, taught = full_precision(student), full_precision(teacher.detach())
        taught = torch.sigmoid(taught).to(student.dtype)
        total = F.binary_cross_entropy_with_logits(student, taught, reduction="sum")
        return total / max(len(student), 1), len(student)
