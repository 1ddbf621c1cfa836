"""Bayesian personalised ranking: each positive against each negative of its row."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from recbole_fn.losses.base import CandidateLoss, Weight

_SMALLEST_CHUNK = 64  # positives; with fewer, overhead dominates


def bpr_loss(logits: Tensor, labels: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Bayesian personalised ranking of each positive against each negative of its row.

    The weighted mean of `-log sigmoid(s_p - s_n)` over all pairs of a positive p and a negative n
    of the same row (BPR-Opt, Rendle et al., UAI 2009, section 4.1, with several of each). The
    weight of a pair is `y_p * (1 - y_n)`. Time is O(positives * candidates). Memory is
    O(rows * candidates): positives are compared in chunks, which backward recomputes.

    Args:
        logits: Scores s, shape [rows, candidates].
        labels: Labels y, shape [rows, candidates].
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.

    Returns:
        The loss, a scalar, and the sum of the pairs' weights.

    Example:
        >>> bpr_loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 0.0]]))  # log 2, two pairs
        (tensor(0.6931), tensor(2.))
    """
    negative = 1 - labels  # [rows, candidates]
    if valid is not None:
        labels, negative = labels * valid, negative * valid
    rows, columns = labels.nonzero(as_tuple=True)  # [positives] each
    size = max(len(labels), _SMALLEST_CHUNK)
    if len(rows) <= size:
        total, weight = _compare(logits, labels, negative, rows, columns)
    else:
        total, weight = _compare_in_chunks(logits, labels, negative, rows, columns, size)
    return total / weight.clamp_min(torch.finfo(weight.dtype).tiny), weight


def _compare(
    logits: Tensor, labels: Tensor, negative: Tensor, rows: Tensor, columns: Tensor
) -> tuple[Tensor, Tensor]:
    """Sums of the terms and of the weights of all pairs, for the positives at (rows, columns)."""
    against = negative[rows]  # [positives, candidates]
    against[torch.arange(len(rows), device=rows.device), columns] = 0
    weights = labels[rows, columns].unsqueeze(1) * against  # [positives, candidates]
    terms = F.softplus(logits[rows] - logits[rows, columns].unsqueeze(1))  # as `weights`
    return (weights * terms).sum(), weights.sum()


def _compare_in_chunks(
    logits: Tensor, labels: Tensor, negative: Tensor, rows: Tensor, columns: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """As `_compare`, for `size` positives at a time, which backward compares again."""
    sums = [
        checkpoint(
            _compare,
            logits,
            labels,
            negative,
            *chunk,
            use_reentrant=False,
            preserve_rng_state=False,
        )
        for chunk in zip(rows.split(size), columns.split(size), strict=False)
    ]
    totals, weights = zip(*sums, strict=False)
    return torch.stack(totals).sum(), torch.stack(weights).sum()


class BPRLoss(CandidateLoss):
    """Bayesian personalised ranking, see `bpr_loss`.

    Example:
        >>> BPRLoss.name, BPRLoss.is_relative, BPRLoss.normalises
        ('bpr', True, False)
    """

    name = "bpr"
    is_relative = True

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `bpr_loss`."""
        return bpr_loss(logits, labels, valid)
