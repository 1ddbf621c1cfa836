"""The interface of a base loss, for this package's losses and a user's own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scored import Labelled, ScoredRows
from recbole_fn.utils.recbole_types import Model

Weight = Tensor | int
"""The sum of the weights of a loss's terms, which its mean divides by."""


@dataclass(frozen=True)
class LossContext:
    """The run that a loss works for.

    Attributes:
        model: The model being trained.
        num_items: Size of the catalogue, the padding id 0 included.
        neg_num: N, negatives of each row; None if the whole catalogue is compared.
        label_field: RecBole's field for the labels of a pointwise model's batch.
        logq: Strength of the correction of a normalised loss for the sampling probability of
            candidates (`fn_logq`), from 0 to 1.
        features: The features of all items by name, which a model's own loss may read; empty if
            there are none, and for other losses.

    Example:
        >>> LossContext(model=None, num_items=1001, neg_num=100, label_field="label").neg_num
        100
    """

    model: Model
    num_items: int
    neg_num: int | None
    label_field: str
    logq: float = 0.0
    features: Mapping[str, Tensor] = field(default_factory=dict)


class CandidateLoss(Component, ABC):
    """A base loss over the candidates of a batch's rows. A subclass implements `weighted_mean`.

    Attributes:
        is_relative: Whether the loss depends only on differences of a row's scores. A single score
            is then not a logit; `score - target_score` is the logit of the item being preferred
            to the target.
        normalises: Whether the loss is the log of a probability among the row's candidates. It can
            then be corrected for the sampling probability of candidates (`fn_logq`), and be
            computed over the whole catalogue (`fn_neg_num: all`).
        is_of_rows: Whether the loss of a batch is the weighted mean of those of its rows, whatever
            the other rows are. Many rows and candidates are then compared in parts.

    Args:
        context: The run.
        args: An instance of the class's `Args`.

    Example:
        A loss of your own, selected by `fn_loss: my_package.my_module:Squares`:

        >>> class Squares(CandidateLoss):
        ...     def weighted_mean(self, logits, labels, valid):
        ...         return (logits.sigmoid() - labels).square().mean(), labels.numel()
        >>> loss = Squares(LossContext(None, 9, 1, "label"), Squares.Args())
        >>> loss.weighted_mean(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), None)
        (tensor(0.2500), 2)
    """

    is_relative: ClassVar[bool] = False
    normalises: ClassVar[bool] = False
    is_of_rows: ClassVar[bool] = True

    def __init__(self, context: LossContext, args: object) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def weighted_mean(
        self, logits: Tensor, labels: Tensor, valid: Tensor | None
    ) -> tuple[Tensor, Weight]:
        """The mean of the loss's terms and the weight it divides by.

        Both are needed to average over the rows of several processes.

        Args:
            logits: Scores in 32 bits or more, shape [rows, candidates].
            labels: From 0 (negative) to 1 (positive), shape [rows, candidates]; the target's is 1.
                A label in between is the probability that the item is a positive.
            valid: Mask of the candidates that take part, shape [rows, candidates], bool; None
                for all. With `fn_real_negative_weight`, how many times each of them counts, float.

        Returns:
            The mean, a scalar, and the sum of the weights of its terms.
        """

    def of(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        """The loss of scored rows, computed in 32 bits or more even if the model uses fewer.

        Args:
            scored: The rows with their scored candidates.
            labelled: Their labels.

        Returns:
            The mean, a scalar, and the sum of the weights of its terms.
        """
        with torch.autocast(scored.logits.device.type, enabled=False):
            logits = full_precision(scored.logits)
            if scored.log_q is not None:
                logits = logits - self.context.logq * scored.log_q  # [rows, candidates]
            valid = scored.weighted(labelled.valid)
            return self.weighted_mean(logits, labelled.labels.to(logits.dtype), valid)
