"""A user's loss: binary cross entropy in which easy pairs weigh less."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE
from recbole_fn.losses.base import CandidateLoss


class FocalLoss(CandidateLoss):
    """The focal loss (Lin et al., ICCV 2017)."""

    @dataclass(frozen=True)
    class Args:
        """What `fn_loss_args` may hold."""

        gamma: float = argument(2.0, NON_NEGATIVE, "how much less an easy pair weighs")

    def weighted_mean(self, logits, labels, valid):
        """The mean over the valid pairs, and their number."""
        wrong = (labels - logits.sigmoid()).abs()
        entropy = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
        valid = torch.ones_like(labels) if valid is None else valid.to(labels)
        weight = valid.sum()
        return (valid * wrong**self.args.gamma * entropy).sum() / weight, weight
