"""What happens in each epoch of a job."""

from time import perf_counter
from typing import Any

from recbole_fn.arms.status import Status


class EpochNotes:
    """Notes what happens in each epoch of a trainer of RecBole, and tells it.

    Args:
        trainer: The trainer. Where it has `fn_seconds`, {epoch: seconds of training alone}, these
            are noted; the whole of its epoch may be more, as it may write checkpoints within.
        status: Who is told.

    Attributes:
        epochs: For each epoch its `seconds`, and its `valid_score` once there is one.
        best: The epoch of the best validation; 0 without any.
    """

    def __init__(self, trainer: Any, status: Status) -> None:
        self.trainer, self.status, self.best = trainer, status, 0
        self.epochs: dict[int, dict[str, float]] = {}
        self._train_epoch = trainer._train_epoch
        trainer._train_epoch = self._timed

    def _timed(self, data: Any, epoch: int, *args: Any, **kwargs: Any) -> Any:
        begin = perf_counter()
        losses = self._train_epoch(data, epoch, *args, **kwargs)
        seconds = perf_counter() - begin
        alone = getattr(self.trainer, "fn_seconds", {})
        self.epochs[epoch] = {"seconds": alone.get(epoch, seconds)}
        self.status.trained(epoch)
        return losses

    def validated(self, epoch: int, score: float) -> None:
        """RecBole's `callback_fn`."""
        self.epochs[epoch]["valid_score"] = float(score)
        self.status.validated(float(score))
        if self.trainer.cur_step == 0:  # validations since the best one
            self.best = epoch

    def history(self) -> list[dict[str, Any]]:
        """The epochs as the format of a job's file has them."""
        figures = getattr(getattr(self.trainer, "progress", None), "figures", {})
        losses = self.trainer.train_loss_dict
        return [
            {
                "epoch": epoch,
                "seconds": noted["seconds"],
                "train_loss": float(losses[epoch]),
                "valid_score": noted.get("valid_score"),
                "extraction": figures.get(epoch),
            }
            for epoch, noted in self.epochs.items()
        ]
