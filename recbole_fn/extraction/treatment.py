"""The interface of a treatment: what becomes of extracted items."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from torch import Tensor

from recbole_fn.config.components import Component
from recbole_fn.scoring.scored import Labelled, ScoredRows


class TeacherScores(Protocol):
    """What the teacher thinks of scored rows; each call encodes the rows that it needs once."""

    def extracted(self, relative: bool = False) -> Tensor:
        """Logits of the extracted items, shape [E].

        Args:
            relative: Whether the logit of the row's target is subtracted: what is left is the
                logit of the item being preferred to the target.
        """
        ...

    def candidates(self) -> Tensor:
        """Logits of all candidates, shape [M, C]."""
        ...


@dataclass(frozen=True)
class TreatmentContext:
    """What a treatment may ask of the run that it is made for.

    Attributes:
        is_relative: Whether the base loss depends on differences of a row's scores alone, so
            that only a difference of scores is the logit of a probability.
    """

    is_relative: bool


class Treatment(Component, ABC):
    """What becomes of items that were hard negatives too often. A subclass writes `apply`.

    Attributes:
        averages: Whether there is a teacher, the moving average of the weights. Without one
            nothing ever starts, and `apply` is not called.
        extracts: Whether rows remember hard negatives, and the persistent ones are extracted. If
            not, `apply` sees rows without extracted items.

    Args:
        context: The run.
        args: An instance of the class's `Args`.
    """

    averages: ClassVar[bool] = True
    extracts: ClassVar[bool] = True

    def __init__(self, context: TreatmentContext, args: Any) -> None:
        self.context, self.args = context, args

    @abstractmethod
    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Decides labels, what takes part in the loss, and a loss beside it.

        Args:
            scored: M rows with scored candidates, E of which are extracted.
            teacher: The teacher's scores of the same rows.
        """
