"""Cross entropy of a softmax over a row's candidates, a term for each positive."""

import torch
from torch import Tensor

from recbole_fn.losses.base import CandidateLoss, Weight

_LOWEST = -1e30  # of no effect, as -inf, but a row of it alone has a gradient


def softmax_loss(
    logits: Tensor, labels: Tensor, valid: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Cross entropy of a softmax over the row's candidates, a term for each positive.

    The term of positive p is `-log(exp(s_p) / (exp(s_p) + sum_n (1 - y_n) * exp(s_n)))`, n over
    the others: those that are surely positive are left out of its denominator. The loss is the
    mean of the terms, weighted by y_p. Over the whole catalogue with the target alone it is
    RecBole's CE. Time and memory are O(M * C), however many positives there are.

    Args:
        logits: Scores s, shape [M, C].
        labels: Labels y, shape [M, C]; at least one of each row is 1.
        valid: Candidates that take part, shape [M, C], bool; None for all.

    Returns:
        The loss, a scalar, and the sum of the valid labels.

    Example:
        >>> logits, labels = torch.zeros(1, 4), torch.tensor([[1.0, 0.0, 0.0, 0.0]])
        >>> softmax_loss(logits, labels)  # log 4
        (tensor(1.3863), tensor(1.))
        >>> softmax_loss(logits, torch.tensor([[1.0, 1.0, 0.0, 0.0]]))  # log 3, twice
        (tensor(1.0986), tensor(2.))
    """
    labels = labels if valid is None else labels * valid
    first = labels.argmax(1, keepdim=True)
    total = (labels.gather(1, first) * _first_terms(logits, labels, valid, first)).sum()
    rows, columns = labels.scatter(1, first, 0).nonzero(as_tuple=True)
    if len(rows):
        terms = softmax_terms(logits, labels, valid, rows, columns)
        total = total + (labels[rows, columns] * terms).sum()
    weight = labels.sum()
    return total / weight.clamp_min(torch.finfo(weight.dtype).tiny), weight


def softmax_terms(
    logits: Tensor, labels: Tensor, valid: Tensor | None, rows: Tensor, columns: Tensor
) -> Tensor:
    """The terms of `softmax_loss` for chosen positives.

    The denominators of a row's positives differ in their own entry alone. So one sum serves
    them all: it has `(1 - y_p) * exp(s_p)` of each, and its term adds `y_p * exp(s_p)`.

    Args:
        logits: Scores, shape [M, C].
        labels: Labels, shape [M, C].
        valid: Candidates that take part, shape [M, C], bool; None for all.
        rows: Rows of the positives, shape [P].
        columns: Columns of the positives, shape [P]; their labels are above 0.

    Returns:
        The terms, shape [P].

    Example:
        >>> labels = torch.tensor([[1.0, 0.5, 0.0, 0.0]])
        >>> row, column = torch.tensor([0]), torch.tensor([1])
        >>> softmax_terms(torch.zeros(1, 4), labels, None, row, column)  # log 3
        tensor([1.0986])
    """
    weights = _negatives(labels, valid).log().clamp_min(_LOWEST)
    others = torch.logsumexp(logits + weights, dim=1)  # [M]
    own = labels[rows, columns].log()
    return torch.logaddexp(others[rows] - logits[rows, columns], own)


def _first_terms(logits: Tensor, labels: Tensor, valid: Tensor | None, first: Tensor) -> Tensor:
    """The terms of one positive of each row, [M, 1], whose columns are `first`, [M, 1].

    A plain softmax, to its last bit where no other is a positive.
    """
    weights = _negatives(labels, valid).scatter(1, first, 1)
    return torch.logsumexp(logits + weights.log(), dim=1, keepdim=True) - logits.gather(1, first)


def _negatives(labels: Tensor, valid: Tensor | None) -> Tensor:
    """How much each candidate is a negative, [M, C]."""
    return 1 - labels if valid is None else (1 - labels) * valid


class SoftmaxLoss(CandidateLoss):
    """Cross entropy of a softmax, see `softmax_loss`.

    Example:
        >>> SoftmaxLoss.name, SoftmaxLoss.is_relative, SoftmaxLoss.normalises
        ('softmax', True, True)
    """

    name = "softmax"
    is_relative = True
    normalises = True

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `softmax_loss`."""
        return softmax_loss(logits, labels, valid)
