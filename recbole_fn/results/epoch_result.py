"""One epoch of a job's training."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EpochResult:
    """One epoch of training.

    Attributes:
        epoch: Number of the epoch, from 0.
        seconds: Time spent in training; validation and checkpoints are excluded.
        train_loss: RecBole's training loss, the sum over the batches.
        valid_score: Validation score; None if the epoch was not validated.
        extraction: Statistics of extraction (`ExtractionStats.figures`); None before its start.
        valid: All metrics of the validation, rounded to `metric_decimal_place`; None without one.
            Earlier versions lack it.

    Example:
        >>> EpochResult(9, seconds=1.5, train_loss=93.1, valid_score=0.11, extraction=None).epoch
        9
    """

    epoch: int
    seconds: float
    train_loss: float
    valid_score: float | None
    extraction: Mapping[str, float] | None
    valid: Mapping[str, float] | None = None
