"""The interface of a base loss."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Optional, Union

from torch import Tensor

from recbole_fn.components import Component
from recbole_fn.scoring.scored import Labelled, ScoredRows

Weight = Union[Tensor, int]


@dataclass(frozen=True)
class LossContext:
    """What a loss may ask of the run that it is made for.

    Attributes:
        model: The model that is trained.
        num_items: Size of the catalogue, the padding id 0 included.
        neg_num: N, negatives in each row; None where the whole catalogue is compared.
        label_field: RecBole's name for the labels of a pointwise model's batch.
        logq: How far a normalised loss is corrected for how often a candidate is drawn (`fn_logq`).
    """

    model: Any
    num_items: int
    neg_num: Optional[int]
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
    """

    is_relative: ClassVar[bool] = False
    normalises: ClassVar[bool] = False

    def __init__(self, context: LossContext, args: Any) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Optional[Tensor]
    ) -> tuple[Tensor, Weight]:
        """The mean of the loss's terms, and what it divides by.

        With the two, the mean over the rows of several processes needs no second function.

        Args:
            logits: Scores, shape [M, C].
            labels: From 0 (negative) to 1 (positive), shape [M, C]; the target's is 1. One in
                between is the probability that the item is a positive.
            valid: Candidates that take part, shape [M, C], bool; None for all.

        Returns:
            The mean, a scalar, and the sum of the weights of its terms.
        """

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of scored rows; see `weighted_mean` for what it returns."""
        logits = scored.logits if scored.log_q is None else scored.logits - self.context.logq * scored.log_q
        return self.weighted_mean(logits, labelled.labels, labelled.valid)
