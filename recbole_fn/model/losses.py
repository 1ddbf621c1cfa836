"""Base losses over a row's candidates: functions from tensors to a scalar.

Shapes: M rows, C candidates. All take

* `logits` [M, C], the scores;
* `labels` [M, C], from 0 (negative) to 1 (positive): the target's is 1, a flipped item's too. A
  label in between is the probability that the item is a positive; the losses are then
  the expectation over independent draws of the labels (up to their normalisation);
* `kept` [M, C], bool, or None for all: candidates that take part. The others leave the loss.
"""

from typing import Optional, Protocol, Union

import torch
import torch.nn.functional as F
from torch import Tensor


class CandidateLoss(Protocol):
    """A base loss: `loss(logits, labels, kept) -> scalar`."""

    def __call__(self, logits: Tensor, labels: Tensor, kept: Optional[Tensor] = None) -> Tensor:
        """The loss, a scalar."""
        ...


def bce_loss(
    logits: Tensor, labels: Tensor, kept: Optional[Tensor] = None, positive_weight: float = 1.0
) -> Tensor:
    """Binary cross entropy of all pairs (UFNRec, arXiv 2208.04116, section 3.3).

    `2 * mean(-w * y * log sigmoid(s) - (1 - y) * log(1 - sigmoid(s)))` over the kept pairs of
    all rows. The factor is the authors': their code adds the mean over positive labels and
    the mean over negative labels of equally many of each.

    Args:
        logits: Scores, shape [M, C].
        labels: Labels, shape [M, C].
        kept: Candidates that take part, shape [M, C], bool; all by default.
        positive_weight: w, the weight of the positive part; see `gbce_weight`.
    """
    if kept is not None:
        logits, labels = logits[kept], labels[kept]
    weight = None if positive_weight == 1 else logits.new_tensor(positive_weight)
    return 2 * F.binary_cross_entropy_with_logits(logits, labels, pos_weight=weight)


def gbce_weight(neg_num: int, num_items: int, calibration: float) -> float:
    """The exponent beta of generalised binary cross entropy (gSASRec, arXiv 2308.07192).

    With it, `-log(sigmoid(s)^beta)` of a positive balances that only a share of the negatives
    was drawn. 0 gives plain binary cross entropy, 1 probabilities as a softmax over all items has.

    Args:
        neg_num: N, negatives drawn for each row.
        num_items: Items that can be recommended, the padding id aside.
        calibration: t, from 0 to 1.

    Returns:
        `alpha * (t * (1 - 1 / alpha) + 1 / alpha)`, where alpha is the share of the other items
        that is drawn, N / (num_items - 1), at most 1.
    """
    share = min(neg_num / max(num_items - 1, 1), 1.0)
    return share * (calibration * (1 - 1 / share) + 1 / share)


def bpr_loss(logits: Tensor, labels: Tensor, kept: Optional[Tensor] = None) -> Tensor:
    """Bayesian personalised ranking of each positive against each negative of its row.

    The mean of `-log sigmoid(s_p - s_n)` over all pairs of a positive p and a negative n of one
    row (Rendle et al., UAI 2009, with more than one of each). A pair counts `y_p * (1 - y_n)`.

    Args:
        logits: Scores, shape [M, C].
        labels: Labels, shape [M, C].
        kept: Candidates that take part, shape [M, C], bool; all by default.
    """
    rows, columns = labels.nonzero(as_tuple=True)
    weights = labels[rows, columns].unsqueeze(1) * _negatives_of(rows, columns, labels, kept)
    total = (weights * F.softplus(logits[rows] - logits[rows, columns].unsqueeze(1))).sum()
    return total / weights.sum().clamp_min(torch.finfo(weights.dtype).tiny)


def softmax_loss(logits: Tensor, labels: Tensor, kept: Optional[Tensor] = None) -> Tensor:
    """Cross entropy of a softmax over the row's candidates, a term for each positive.

    The term of positive p is `-log(exp(s_p) / (exp(s_p) + sum_n (1 - y_n) * exp(s_n)))`: other
    positives are left out of its denominator. The loss is the mean of the terms, weighted by
    y_p. Over the whole catalogue with the target alone it is RecBole's CE.

    Args:
        logits: Scores, shape [M, C].
        labels: Labels, shape [M, C].
        kept: Candidates that take part, shape [M, C], bool; all by default.
    """
    rows, columns = labels.nonzero(as_tuple=True)
    weights = labels[rows, columns]
    terms = softmax_terms(logits, labels, kept, rows, columns)
    return (weights * terms).sum() / weights.sum()


def softmax_terms(
    logits: Tensor, labels: Tensor, kept: Optional[Tensor], rows: Tensor, columns: Tensor
) -> Tensor:
    """The terms of `softmax_loss` for chosen positives.

    Args:
        logits: Scores, shape [M, C].
        labels: Labels, shape [M, C].
        kept: Candidates that take part, shape [M, C], bool; None for all.
        rows: Rows of the positives, shape [P].
        columns: Columns of the positives, shape [P].

    Returns:
        The terms, shape [P].
    """
    weights = _negatives_of(rows, columns, labels, kept)
    weights[torch.arange(len(rows), device=rows.device), columns] = 1
    return torch.logsumexp(logits[rows] + weights.log(), dim=1) - logits[rows, columns]


def bce_denominator(labels: Tensor, kept: Optional[Tensor]) -> Union[Tensor, int]:
    """What the mean of `bce_loss` divides by: kept pairs. Arguments as there."""
    return labels.numel() if kept is None else kept.sum()


def bpr_denominator(labels: Tensor, kept: Optional[Tensor]) -> Tensor:
    """What the mean of `bpr_loss` divides by: the weights of all pairs. Arguments as there."""
    negative = (1 - labels) if kept is None else (1 - labels) * kept
    with_itself = labels.sum(1) * negative.sum(1)
    return (with_itself - (labels * negative).sum(1)).sum()


def softmax_denominator(labels: Tensor, kept: Optional[Tensor]) -> Tensor:
    """What the mean of `softmax_loss` divides by: the positives' weights. Arguments as there."""
    return labels.sum()


def _negatives_of(rows: Tensor, columns: Tensor, labels: Tensor, kept: Optional[Tensor]) -> Tensor:
    """How much each candidate is a negative for each of P positives, 0 for itself: [P, C]."""
    negative = (1 - labels) if kept is None else (1 - labels) * kept
    against = negative[rows]
    against[torch.arange(len(rows), device=rows.device), columns] = 0
    return against
