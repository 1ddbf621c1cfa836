"""Cross entropy of a softmax to labels that are shares of one next item."""

import torch
from torch import Tensor

from recbole_fn.losses.base import CandidateLoss, Weight

_LOWEST = -1e30  # of no effect in a softmax, and finite where a label is 0


def cross_entropy_loss(
    logits: Tensor, labels: Tensor, valid: Tensor | None = None
) -> tuple[Tensor, int]:
    """Cross entropy between the labels of a row, as a distribution, and a softmax of its scores.

    `mean over rows of -sum_c y_c / sum_c(y_c) * log softmax(s)_c`. Unlike `softmax_loss`, whose
    positives do not compete with one another, the row has one next item, and a label is the
    share of belief that a candidate is it. With the target alone both are the same.

    Args:
        logits: Scores s, shape [M, C].
        labels: Labels y, shape [M, C]; at least one of each row is above 0.
        valid: Candidates that take part, shape [M, C], bool; None for all.

    Returns:
        The loss, a scalar, and M.

    Example:
        >>> cross_entropy_loss(torch.zeros(1, 4), torch.tensor([[1.0, 0.5, 0.0, 0.0]]))  # log 4
        (tensor(1.3863), 1)
    """
    if valid is not None:
        logits, labels = logits.masked_fill(~valid, _LOWEST), labels * valid
    shares = labels / labels.sum(1, keepdim=True)
    return -(shares * torch.log_softmax(logits, dim=1)).sum(1).mean(), len(logits)


class CrossEntropyLoss(CandidateLoss):
    """Cross entropy to a distribution of labels, see `cross_entropy_loss`.

    Example:
        >>> CrossEntropyLoss.name, CrossEntropyLoss.is_relative, CrossEntropyLoss.normalises
        ('cross_entropy', True, True)
    """

    name = "cross_entropy"
    is_relative = True
    normalises = True

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `cross_entropy_loss`."""
        return cross_entropy_loss(logits, labels, valid)
