"""Softmax cross entropy over a row's candidates, with one term for each positive."""

import torch
from torch import Tensor

from recbole_fn.losses.base import CandidateLoss, Weight

_LOWEST = -1e30  # no effect, like -inf, but a row with no other value has a gradient


def softmax_loss(
    logits: Tensor, labels: Tensor, valid: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Softmax cross entropy over the row's candidates, with one term for each positive.

    The term of positive p is `-log(exp(s_p) / (exp(s_p) + sum_n (1 - y_n) * exp(s_n)))` with n over
    the other candidates: certain positives do not compete with one another. The loss is the mean
    of the terms, weighted by y_p. With the target as the only positive, it is a sampled softmax
    (Jean et al., ACL 2015, section 3), and over the whole catalogue RecBole's CE. Time and
    memory are O(rows * candidates), regardless of the number of positives.

    Args:
        logits: Scores s, shape [rows, candidates].
        labels: Labels y, shape [rows, candidates]; at least one of each row is 1.
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.

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
    first = labels.argmax(1, keepdim=True)  # [rows, 1]
    total = (labels.gather(1, first) * _first_terms(logits, labels, valid, first)).sum()
    rows, columns = labels.scatter(1, first, 0).nonzero(as_tuple=True)  # [positives] each
    if len(rows):
        terms = softmax_terms(logits, labels, valid, rows, columns)
        total = total + (labels[rows, columns] * terms).sum()
    weight = labels.sum()
    return total / weight.clamp_min(torch.finfo(weight.dtype).tiny), weight


def softmax_terms(
    logits: Tensor, labels: Tensor, valid: Tensor | None, rows: Tensor, columns: Tensor
) -> Tensor:
    """The terms of `softmax_loss` for chosen positives.

    The denominators of a row's positives differ only in the entry of the positive itself. So they
    share one sum, with `(1 - y_p) * exp(s_p)` of each positive, and each adds `y_p * exp(s_p)`.

    Args:
        logits: Scores, shape [rows, candidates].
        labels: Labels, shape [rows, candidates].
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.
        rows: Rows of the positives, shape [positives].
        columns: Columns of the positives, shape [positives]; their labels are above 0.

    Returns:
        The terms, shape [positives].

    Example:
        >>> labels = torch.tensor([[1.0, 0.5, 0.0, 0.0]])
        >>> row, column = torch.tensor([0]), torch.tensor([1])
        >>> softmax_terms(torch.zeros(1, 4), labels, None, row, column)  # log 3
        tensor([1.0986])
    """
    weights = _negatives(labels, valid).log().clamp_min(_LOWEST)  # [rows, candidates]
    shared = torch.logsumexp(logits + weights, dim=1)  # [rows]
    added = labels[rows, columns].log()  # [positives]
    return torch.logaddexp(shared[rows] - logits[rows, columns], added)  # [positives]


def _first_terms(logits: Tensor, labels: Tensor, valid: Tensor | None, first: Tensor) -> Tensor:
    """The terms [rows, 1] of one positive of each row, at the columns `first` [rows, 1].

    Bit-equal to a plain softmax in rows without another positive.
    """
    weights = _negatives(labels, valid).scatter(1, first, 1)  # [rows, candidates]
    return torch.logsumexp(logits + weights.log(), dim=1, keepdim=True) - logits.gather(1, first)


def _negatives(labels: Tensor, valid: Tensor | None) -> Tensor:
    """The weight of each candidate as a negative, [rows, candidates]."""
    return 1 - labels if valid is None else (1 - labels) * valid


class SoftmaxLoss(CandidateLoss):
    """Softmax cross entropy, see `softmax_loss`.

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
