"""Cross entropy of a softmax against soft labels: a distribution over one next item."""

import torch
from torch import Tensor

from recbole_fn.losses.base import CandidateLoss, Weight

_LOWEST = -1e30  # no effect in a softmax, and finite when multiplied by a label of 0


def cross_entropy_loss(
    logits: Tensor, labels: Tensor, valid: Tensor | None = None
) -> tuple[Tensor, int]:
    """Cross entropy between a row's labels, as a distribution, and the softmax of its scores.

    `mean over rows of -sum_c y_c / sum_c(y_c) * log softmax(s)_c`, as with label smoothing
    (Szegedy et al., CVPR 2016, section 7). A row has one next item, and a label is proportional
    to the probability that a candidate is that item. In `softmax_loss`, by contrast, the
    positives of a row do not compete. With the target as the only positive both are equal.

    Args:
        logits: Scores s, shape [rows, candidates].
        labels: Labels y, shape [rows, candidates]; at least one of each row is above 0.
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.
            Floats are weights: a candidate of weight 2 counts as two.

    Returns:
        The loss, a scalar, and the number of rows.

    Example:
        >>> cross_entropy_loss(torch.zeros(1, 4), torch.tensor([[1.0, 0.5, 0.0, 0.0]]))  # log 4
        (tensor(1.3863), 1)
    """
    if valid is not None:
        weighted = logits + valid.log() if valid.is_floating_point() else logits
        logits, labels = weighted.masked_fill(valid == 0, _LOWEST), labels * valid
    probability = labels / labels.sum(1, keepdim=True)  # [rows, candidates]
    return -(probability * torch.log_softmax(logits, dim=1)).sum(1).mean(), len(logits)


class CrossEntropyLoss(CandidateLoss):
    """Cross entropy against a distribution of labels, see `cross_entropy_loss`.

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
