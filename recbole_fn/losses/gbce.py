"""Generalised binary cross entropy: corrects overconfidence from sampled negatives."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import FRACTION
from recbole_fn.losses.base import CandidateLoss, LossContext, Weight
from recbole_fn.losses.bce import bce_loss
from recbole_fn.utils.errors import InputError


def gbce_weight(neg_num: int, num_items: int, calibration: float) -> float:
    """The exponent beta of generalised binary cross entropy (gSASRec, arXiv 2308.07192).

    The positive term is `-log(sigmoid(s)^beta)`. It compensates that only a fraction of the
    negatives is sampled: t = 0 gives plain binary cross entropy, t = 1 the probabilities of a
    softmax over all items.

    Args:
        neg_num: N, negatives sampled for each row.
        num_items: Items of the catalogue, without the padding.
        calibration: t, from 0 to 1.

    Returns:
        `alpha * (t * (1 - 1 / alpha) + 1 / alpha)` with the sampling rate
        `alpha = N / (num_items - 1)`, at most 1.

    Example:
        >>> gbce_weight(neg_num=100, num_items=1001, calibration=0.0)
        1.0
        >>> gbce_weight(neg_num=100, num_items=1001, calibration=1.0)
        0.1
    """
    rate = min(neg_num / max(num_items - 1, 1), 1.0)
    return rate * (calibration * (1 - 1 / rate) + 1 / rate)


@dataclass(frozen=True)
class GBCEArgs:
    """The arguments of `GBCELoss`.

    Example:
        >>> GBCEArgs()
        GBCEArgs(t=0.75)
    """

    t: float = argument(
        0.75,
        FRACTION,
        "calibration: 0 for plain binary cross entropy, 1 to undo the sampling of negatives",
        key="fn_gbce_t",
    )


class GBCELoss(CandidateLoss):
    """Binary cross entropy with the weight `gbce_weight` on positives (arXiv 2308.07192).

    Args:
        context: The run.
        args: The calibration t.

    Raises:
        InputError: if the whole catalogue is compared, so that no negatives are sampled.

    Example:
        >>> context = LossContext(None, num_items=1002, neg_num=100, label_field="label")
        >>> round(GBCELoss(context, GBCEArgs(t=0.5)).positive_weight, 4)
        0.55
    """

    name = "gbce"
    Args: ClassVar[type] = GBCEArgs

    def __init__(self, context: LossContext, args: GBCEArgs) -> None:
        super().__init__(context, args)
        if context.neg_num is None:
            raise InputError("fn_neg_num is 'all'; with fn_loss: gbce it must be an integer")
        self.positive_weight = gbce_weight(context.neg_num, context.num_items - 1, args.t)

    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """See `bce_loss`."""
        return bce_loss(logits, labels, valid, self.positive_weight)
