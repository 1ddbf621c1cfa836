"""Binary cross entropy: each candidate is classified on its own."""

import torch.nn.functional as F
from torch import Tensor

from recbole_fn.losses.base import CandidateLoss, Weight


def bce_loss(
    logits: Tensor, labels: Tensor, valid: Tensor | None = None, positive_weight: float = 1.0
) -> tuple[Tensor, Weight]:
    """Binary cross entropy of all candidates (UFNRec, arXiv 2208.04116, section 3.3).

    `2 * mean(-w * y * log sigmoid(s) - (1 - y) * log(1 - sigmoid(s)))` over the valid candidates
    of all rows. The factor 2 comes from the authors' code, which adds the mean over positives
    and the mean over equally many negatives.

    Args:
        logits: Scores s, shape [rows, candidates].
        labels: Labels y, shape [rows, candidates].
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.
        positive_weight: w, the weight of the positive term.

    Returns:
        The loss, a scalar, and the number of valid candidates.

    Example:
        >>> import torch
        >>> bce_loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))  # 2 * log 2
        (tensor(1.3863), 2)
    """
    weight = None if positive_weight == 1 else logits.new_tensor(positive_weight)
    if valid is None:
        mean = F.binary_cross_entropy_with_logits(logits, labels, pos_weight=weight)
        return 2 * mean, labels.numel()
    # Weights of 0 cost a fraction of selecting the valid candidates.
    total = F.binary_cross_entropy_with_logits(
        logits, labels, valid.to(logits.dtype), pos_weight=weight, reduction="sum"
    )
    size = valid.sum()
    return 2 * total / size.clamp_min(1), size


class BCELoss(CandidateLoss):
    """Binary cross entropy, see `bce_loss`.

    Example:
        >>> BCELoss.name, BCELoss.is_relative
        ('bce', False)
    """

    name = "bce"

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `bce_loss`."""
        return bce_loss(logits, labels, valid)
