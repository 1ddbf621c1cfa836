"""What happens in each epoch of a job."""

from collections.abc import Mapping
from typing import Any

from recbole_fn.comparison.status import Status
from recbole_fn.training.callbacks import Callback, Epoch


class EpochNotes(Callback):
    """Notes what happens in each epoch of a trainer of RecBole, and says it.

    Args:
        status: Where it is said.

    Attributes:
        epochs: The epochs that have been trained, by their number.
        scores: The validation score of each epoch that has one.
        best: The epoch of the best validation; 0 without any.
    """

    def __init__(self, status: Status) -> None:
        self.status, self.best = status, 0
        self.epochs: dict[int, Epoch] = {}
        self.scores: dict[int, float] = {}

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Notes an epoch."""
        self.epochs[epoch.number] = epoch
        self.status.trained(epoch.number)

    def on_validation_end(
        self, trainer: Any, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Notes a validation."""
        self.scores[epoch] = score
        self.status.validated(score)
        if trainer.cur_step == 0:  # validations since the best one
            self.best = epoch

    def history(self) -> list[dict[str, Any]]:
        """The epochs as the format of a job's file has them."""
        return [
            {
                "epoch": epoch.number,
                "seconds": epoch.seconds,
                "train_loss": epoch.loss,
                "valid_score": self.scores.get(epoch.number),
                "extraction": epoch.extraction,
            }
            for epoch in self.epochs.values()
        ]
