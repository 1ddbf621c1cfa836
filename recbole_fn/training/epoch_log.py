"""An epoch's figures, for TensorBoard and W&B where RecBole logs to them, and as JSON lines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recbole_fn.distributed.group import Group
from recbole_fn.extraction.epoch_stats import describe
from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.errors import InputError


class Boards(Callback):
    """Logs what extraction did where RecBole logs its loss: its log, TensorBoard and W&B."""

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Writes beside the loss of the epoch, which RecBole logs next."""
        figures = epoch.extraction or {}
        if figures:
            trainer.logger.info(f"epoch {epoch.number} extraction: {describe(figures)}")
        for name, value in figures.items():
            trainer.tensorboard.add_scalar(f"Extraction/{name}", value, epoch.number)
        if figures:
            named = {f"extraction/{name}": value for name, value in figures.items()}
            metrics = {**named, "train_step": epoch.number}
            trainer.wandblogger.log_metrics(metrics, head="train", commit=False)


class EpochLog(Callback):
    """Appends a line of JSON for each epoch to a file.

    An epoch's line is written when it has been validated, or else when the next one is there or
    training ends. A line is one write, so several runs can share a file.

    Args:
        path: The file; None writes nothing.
        run: The run's name, which is in each line.

    Raises:
        InputError: if the file cannot be written.
    """

    def __init__(self, path: str | None, run: str) -> None:
        self._path = None if path is None else Path(path)
        self._run = run
        self._pending: dict[str, Any] = {}
        self._append("")  # now, not after the first epoch

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Takes an epoch that has been trained."""
        self.flush()
        line = {"run": self._run, "epoch": epoch.number, "train_loss": epoch.loss}
        self._pending = {**line, **(epoch.extraction or {})}

    def on_validation_end(
        self, trainer: Any, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Takes the validation of the epoch that was trained last, and writes its line."""
        if self._pending:  # a user's trainer may have a loop that logs no epochs
            self._pending.update(valid_score=score, valid=dict(result))
        self.flush()

    def on_training_end(self, trainer: Any) -> None:
        """Writes the line of an epoch that has not been validated."""
        self.flush()

    def flush(self) -> None:
        """Writes the line of an epoch that will not be validated."""
        if self._pending:
            self._append(json.dumps(self._pending) + "\n")
        self._pending = {}

    def _append(self, text: str) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise InputError(
                f"fn_log is {str(self._path)!r}, which cannot be written ({error.strerror}); "
                f"allowed is the path of a file"
            ) from error


def epoch_log(path: str | None, tensorboard: Any) -> EpochLog:
    """The log of a run that has the name of its TensorBoard folder, which is its log file's too.

    Args:
        path: `fn_log`.
        tensorboard: RecBole's writer of the run.

    Raises:
        InputError: if the file cannot be written.
    """
    if Group.of_this_process().rank > 0:
        return EpochLog(None, "")  # the first of several processes writes, and has the folder
    return EpochLog(path, Path(tensorboard.log_dir).name)
