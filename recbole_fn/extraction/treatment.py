"""The interface of a treatment: what becomes of extracted items."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.scoring.scored import Labelled, ScoredRows


class TeacherScores(Protocol):
    """The teacher's logits of scored rows; each call encodes the rows that it needs once.

    The teacher is the moving average of the student's weights (arXiv 2208.04116, section 3.4).

    Examples:
        A teacher that gives every item the same score:

        >>> import torch
        >>> class Indifferent:
        ...     def extracted(self, relative=False):
        ...         return torch.zeros(3)  # [E]
        ...     def candidates(self):
        ...         return torch.zeros(2, 5)  # [M, C]
        >>> teacher: TeacherScores = Indifferent()
    """

    def extracted(self, relative: bool = False) -> Tensor:
        """Logits of the extracted items, shape [E].

        Args:
            relative: Whether to subtract the logit of the row's target. The difference is the
                logit of the item being preferred to the target.
        """
        ...

    def candidates(self) -> Tensor:
        """Logits of all candidates, shape [M, C]."""
        ...


@dataclass(frozen=True)
class TreatmentContext:
    """What a treatment may read of its run.

    Attributes:
        is_relative: Whether the base loss depends only on differences between the scores of a
            row. If so, a single score is not a logit, but a difference of two scores is.

    Examples:
        >>> TreatmentContext(is_relative=True)
        TreatmentContext(is_relative=True)
    """

    is_relative: bool


class Treatment(Component, ABC):
    """Decides what becomes of items that were hard negatives too often. Subclasses write `apply`.

    Attributes:
        averages: Whether there is a teacher, the moving average of the weights. Without a
            teacher extraction never starts and `apply` is never called.
        extracts: Whether rows remember hard negatives and persistent ones are extracted. If
            False, `apply` gets rows without extracted items.

    Args:
        context: The run.
        args: An instance of the class's `Args`.

    Examples:
        A treatment of your own: extracted items become positives where the teacher agrees.

        >>> class Agreed(Treatment):
        ...     def apply(self, scored, teacher):
        ...         agrees = teacher.extracted(relative=True) > 0  # [E]
        ...         return Labelled(scored.labels(agrees.float()), scored.valid)
        >>> Agreed(TreatmentContext(is_relative=False), Agreed.Args()).extracts
        True

        In a property file: `fn_strategy: my_module:Agreed`.
    """

    averages: ClassVar[bool] = True
    extracts: ClassVar[bool] = True

    def __init__(self, context: TreatmentContext, args: Any) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Decides the labels, the candidates that take part in the loss, and an additional loss.

        Args:
            scored: M rows with scored candidates, E of which are extracted.
            teacher: The teacher's scores of the same rows.
        """
