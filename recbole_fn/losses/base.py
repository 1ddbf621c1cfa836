"""The interface of a base loss."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows

Weight = Tensor | int


@dataclass(frozen=True)
class LossContext:
    """What a loss may ask of the run that it is made for.

    Attributes:
        model: The model that is trained.
        num_items: Size of the catalogue, the padding id 0 included.
        neg_num: N, negatives in each row; None where the whole catalogue is compared.
        label_field: RecBole's name for the labels of a pointwise model's batch.
        logq: How far a normalised loss is corrected for how often a candidate is drawn (`fn_logq`).

    Example:
        >>> LossContext(model=None, num_items=1001, neg_num=100, label_field="label").neg_num
        100
    """

    model: Any
    num_items: int
    neg_num: int | None
    label_field: str
    logq: float = 0.0


class CandidateLoss(Component, ABC):
    """A base loss over the candidates of a batch's rows.

    A subclass writes `weighted_mean`, a function of three tensors.

    Attributes:
        is_relative: Whether the loss depends on differences of a row's scores alone. A score by
            itself is then no logit; `score - target_score` is the logit of the item being
            preferred to the target.
        normalises: Whether the loss is the log of a probability among the row's candidates, so
            that it can be corrected for how often a candidate is drawn (`fn_logq`), and be taken
            over the whole catalogue (`fn_neg_num: all`).

    Args:
        context: The run.
        args: An instance of the class's `Args`.

    Example:
        >>> class Squares(CandidateLoss):
        ...     def weighted_mean(self, logits, labels, valid):
        ...         return (logits.sigmoid() - labels).square().mean(), labels.numel()
        >>> loss = Squares(LossContext(None, 9, 1, "label"), Squares.Args())
        >>> loss.weighted_mean(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), None)
        (tensor(0.2500), 2)
    """

    is_relative: ClassVar[bool] = False
    normalises: ClassVar[bool] = False

    def __init__(self, context: LossContext, args: Any) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """The mean of the loss's terms, and what it divides by.

        With the two, the mean over the rows of several processes needs no second function.

        Args:
            logits: Scores in 32 bits or more, shape [M, C].
            labels: From 0 (negative) to 1 (positive), shape [M, C]; the target's is 1. One in
                between is the probability that the item is a positive.
            valid: Candidates that take part, shape [M, C], bool; None for all.

        Returns:
            The mean, a scalar, and the sum of the weights of its terms.
        """

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of scored rows, in 32 bits or more also where the model runs in fewer.

        Args:
            scored: M rows with C scored candidates each.
            labelled: Their labels.

        Returns:
            The mean, a scalar, and the sum of the weights of its terms.
        """
        with torch.autocast(scored.logits.device.type, enabled=False):
            logits = full_precision(scored.logits)
            if scored.log_q is not None:
                logits = logits - self.context.logq * scored.log_q
            return self.weighted_mean(logits, labelled.labels.to(logits.dtype), labelled.valid)
