"""Contrastive loss, corrected for false negatives and weighted towards hard ones."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE, Constraint, is_number
from recbole_fn.losses.base import CandidateLoss, Weight
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows

_BELOW_ONE = Constraint(
    "a number from 0 up to but not including 1", lambda v: is_number(v) and 0 <= v < 1
)
_LOWEST = -1e30  # no effect in a sum of exponentials, and finite in its gradient


def contrastive_loss(
    logits: Tensor,
    labels: Tensor,
    valid: Tensor | None = None,
    tau_plus: float = 0.0,
    beta: float = 0.0,
    log_q: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Debiased contrastive loss with weights on hard negatives.

    The term of positive p is `-log(exp(s_p) / (exp(s_p) + N * g_p))` with

        g_p = max((m - tau * exp(s_p)) / (1 - tau), exp(low))
        m = sum_n w_n exp(s_n) / sum_n w_n,  w_n = (1 - y_n) * exp(beta * s_n)

    N is the row's number of negatives, `sum_n (1 - y_n)`. A negative is a false one with
    probability tau, so its share of the mean is taken off (DCL: Chuang et al., NeurIPS 2020, arXiv
    2007.00224, section 4). Hard negatives weigh more by beta (HCL: Robinson et al., ICLR 2021,
    arXiv 2010.04592, section 3). `low` is the lowest score of the row's negatives; the papers'
    floor `exp(-1 / temperature)` is that of unit vectors, and a dot product has none. With
    tau = beta = 0 this is the softmax loss.

    Args:
        logits: Scores s, shape [rows, candidates].
        labels: Labels y, shape [rows, candidates].
        valid: Mask of the candidates that take part, shape [rows, candidates], bool; None for all.
        tau_plus: tau, the probability that a negative is a positive.
        beta: Concentration on hard negatives.
        log_q: What `fn_logq` corrects for, shape [rows, candidates]: a negative then counts
            `1 / q` times, in N too. None for nothing.

    Returns:
        The loss, a scalar, and the sum of the valid labels.

    Example:
        >>> logits, labels = torch.zeros(1, 4), torch.tensor([[1.0, 0.0, 0.0, 0.0]])
        >>> contrastive_loss(logits, labels)  # log 4
        (tensor(1.3863), tensor(1.))
        >>> contrastive_loss(logits, labels, tau_plus=0.1, beta=1.0)  # all scores are equal
        (tensor(1.3863), tensor(1.))
    """
    labels = labels if valid is None else labels * valid
    shares = 1 - labels if valid is None else (1 - labels) * valid  # [rows, candidates]
    log_n, log_mean, low = _negatives(logits, shares, beta, log_q)  # [rows] each
    rows, columns = labels.nonzero(as_tuple=True)  # [positives] each
    scores, weights = logits[rows, columns], labels[rows, columns]
    debiased = log_mean[rows]  # [positives]
    if tau_plus > 0:
        debiased = _without_false(debiased, scores, tau_plus)
        debiased = torch.where(debiased < low[rows], low[rows], debiased)
    terms = torch.logaddexp(log_n[rows] + debiased - scores, weights.log())
    weight = weights.sum()
    return (weights * terms).sum() / weight.clamp_min(torch.finfo(weight.dtype).tiny), weight


def _negatives(
    logits: Tensor, shares: Tensor, beta: float, log_q: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Of each row's negatives: log of their number, of their mean m, and the lowest score."""
    log_shares = shares.log().clamp_min(_LOWEST)  # [rows, candidates]
    if log_q is not None:
        log_shares = log_shares - log_q
    hard = log_shares + beta * logits
    log_mean = torch.logsumexp(hard + logits, 1) - torch.logsumexp(hard, 1)  # [rows]
    low = logits.detach().masked_fill(shares == 0, torch.inf).amin(1)
    return torch.logsumexp(log_shares, 1), log_mean, low.masked_fill(low == torch.inf, _LOWEST)


def _without_false(log_mean: Tensor, scores: Tensor, tau_plus: float) -> Tensor:
    """`log((m - tau * exp(s_p)) / (1 - tau))`, very low where that is not positive."""
    ratio = (log_mean - scores).clamp_max(60)  # in 32 bits; tau vanishes beside more
    left = torch.expm1(ratio - math.log(tau_plus))  # m / (tau * exp(s_p)) - 1
    factor = math.log(tau_plus / (1 - tau_plus))
    is_left = left > 0
    log_left = torch.where(is_left, left, 1.0).log() + scores + factor + (log_mean - scores - ratio)
    return torch.where(is_left, log_left, _LOWEST)


@dataclass(frozen=True)
class ContrastiveArgs:
    """The arguments of `ContrastiveLoss`.

    Example:
        >>> ContrastiveArgs(beta=0.0)  # debiased alone
        ContrastiveArgs(tau_plus=0.1, beta=0.0)
    """

    tau_plus: float = argument(0.1, _BELOW_ONE, "probability that a negative is a false one")
    beta: float = argument(1.0, NON_NEGATIVE, "how much more hard negatives weigh; 0: not at all")


class ContrastiveLoss(CandidateLoss):
    """Contrastive loss, debiased and weighted towards hard negatives, see `contrastive_loss`.

    Example:
        >>> ContrastiveLoss.name, ContrastiveLoss.is_relative, ContrastiveLoss.normalises
        ('contrastive', True, True)
    """

    name = "contrastive"
    is_relative = True
    normalises = True
    Args: ClassVar[type] = ContrastiveArgs

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `contrastive_loss`."""
        return contrastive_loss(logits, labels, valid, self.args.tau_plus, self.args.beta)

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """As in `CandidateLoss`; `fn_logq` weights the negatives, not their scores."""
        with torch.autocast(scored.logits.device.type, enabled=False):
            logits = full_precision(scored.logits)
            log_q = None if scored.log_q is None else self.context.logq * scored.log_q
            labels = labelled.labels.to(logits.dtype)
            args = (self.args.tau_plus, self.args.beta)
            valid = scored.weighted(labelled.valid)
            return contrastive_loss(logits, labels, valid, *args, log_q)
