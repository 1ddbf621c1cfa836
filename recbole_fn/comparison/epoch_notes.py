"""Records the epochs of a job."""

from collections.abc import Mapping
from typing import Any

from recbole_fn.comparison.status import Status
from recbole_fn.results.job_result import EpochResult
from recbole_fn.training.callbacks import Callback, Epoch


class EpochNotes(Callback):
    """Records the epochs of a training run, and keeps its status up to date.

    Args:
        status: The status of the job.

    Attributes:
        epochs: The epochs that have been trained, by their number.
        scores: The validation score of each epoch that has one.
        results: All metrics of these validations.
        best: The epoch of the best validation; 0 without any.
    """

    def __init__(self, status: Status) -> None:
        self.status, self.best = status, 0
        self.epochs: dict[int, Epoch] = {}
        self.scores: dict[int, float] = {}
        self.results: dict[int, dict[str, float]] = {}

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Records an epoch."""
        self.epochs[epoch.number] = epoch
        self.status.trained(epoch.number)

    def on_validation_end(
        self, trainer: Any, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Records a validation."""
        self.scores[epoch], self.results[epoch] = score, dict(result)
        self.status.validated(score)
        if trainer.cur_step == 0:  # validations since the best one
            self.best = epoch

    def history(self) -> list[EpochResult]:
        """The epochs in order."""
        return [
            EpochResult(
                number,
                epoch.seconds,
                epoch.loss,
                self.scores.get(number),
                epoch.extraction,
                self.results.get(number),
            )
            for number, epoch in self.epochs.items()
        ]
