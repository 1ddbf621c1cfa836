"""Scored rows as the sampled candidates make them, and what a treatment makes of their labels."""

from typing import Any

import torch

from recbole_fn.losses.base import LossContext
from recbole_fn.scoring.scored import Labelled, ScoredRows

_NO_MODEL: Any = None
CONTEXT = LossContext(model=_NO_MODEL, num_items=1002, neg_num=100, label_field="label", logq=1.0)


def scored(logits, flipped, valid=None):
    """Rows whose target is the first candidate."""
    rows, slots = flipped.nonzero(as_tuple=True)
    targets = torch.zeros(len(logits), dtype=torch.long)
    return ScoredRows(None, flipped.long(), flipped, logits, targets, rows, slots + 1, valid)


def labelled(rows, taught, strategy):
    """Labels and valid candidates of a treatment."""
    if strategy == "drop":
        return Labelled(rows.labels(0.0), rows.without_extracted())
    extracted = torch.sigmoid(taught[rows.extracted]) if strategy == "soft" else 1.0
    return Labelled(rows.labels(extracted), rows.valid)


def with_gradient(loss, logits, labels, valid):
    """The mean, its weight and the gradient of the scores."""
    student = logits.detach().clone().requires_grad_()
    mean, weight = loss(student, labels, valid)
    (gradient,) = torch.autograd.grad(mean, student)
    return mean.detach(), float(weight), gradient
