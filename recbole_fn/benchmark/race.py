"""What both sides of `benchmark --to-quality` train, and what they report."""

from collections.abc import Sequence
from dataclasses import dataclass

from recbole_fn.utils.errors import InputError


@dataclass(frozen=True)
class Race:
    """What both sides train.

    Attributes:
        model: Name of the model.
        dataset: Name of the data set.
        data_path: Folder with the data set's folder; None for RecBole's own.
        files: Property files of our side.
        epochs: The most epochs of each side.
        stopping_step: Validations in turn without a better score after which a side stops.

    Raises:
        InputError: for less than one epoch.

    Example:
        >>> Race("SASRec", "ml-100k", None, ("fn.yaml",)).epochs
        300
    """

    model: str
    dataset: str
    data_path: str | None
    files: Sequence[str]
    epochs: int = 300
    stopping_step: int = 10

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise InputError(f"--epochs is {self.epochs}; it must be an integer of at least 1")


@dataclass(frozen=True)
class Validation:
    """A validation, and what training and validating have taken until its end.

    Attributes:
        side: `recbole` or `ours`.
        epoch: The epoch before it, counted from 1.
        score: RecBole's `valid_metric`.
        seconds: Time of day since the training began.
        cpu_seconds: CPU time of the process since then.

    Example:
        >>> Validation("ours", 3, 0.1, 2.0, 1.9).epoch
        3
    """

    side: str
    epoch: int
    score: float
    seconds: float
    cpu_seconds: float
