"""An epoch's figures, for TensorBoard and W&B where RecBole logs to them, and as JSON lines."""

import json
from pathlib import Path
from typing import Any, Optional, Union

from recbole_fn.distributed.group import Group
from recbole_fn.errors import InputError

Losses = Union[float, tuple[float, ...]]


class EpochLog:
    """Appends a line of JSON for each epoch to a file.

    An epoch's line is written when it has been validated, or else when the next one is there or
    training ends. A line is one write, so several runs can share a file.

    Args:
        path: The file; None writes nothing.
        run: The run's name, which is in each line.

    Raises:
        InputError: if the file cannot be written.
    """

    def __init__(self, path: Optional[str], run: str) -> None:
        self._path = None if path is None else Path(path)
        self._run = run
        self._pending: dict[str, Any] = {}
        self._append("")  # now, not after the first epoch

    def trained(self, epoch: int, loss: float, figures: Optional[dict[str, float]]) -> None:
        """Takes an epoch that has been trained.

        Args:
            epoch: The epoch, from 0.
            loss: Its summed training loss.
            figures: What extraction did (`EpochReport.figures`); None before its start.
        """
        self.flush()
        self._pending = {"run": self._run, "epoch": epoch, "train_loss": loss, **(figures or {})}

    def validated(self, score: float, result: dict[str, float]) -> None:
        """Takes the validation of the epoch that was trained last, and writes its line.

        Args:
            score: The score that decides about stopping.
            result: All metrics.
        """
        if self._pending:  # a user's trainer may have a loop that logs no epochs
            self._pending.update(valid_score=float(score), valid=result)
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


class LogsExtraction:
    """Mixed into a trainer of RecBole: logs extraction's figures where RecBole logs the loss."""

    tensorboard: Any
    wandblogger: Any
    epoch_log: EpochLog
    progress: Any

    def _add_train_loss_to_tensorboard(
        self, epoch_idx: int, losses: Losses, *args: Any, **kwargs: Any
    ) -> None:
        """RecBole's `fit` calls this after each epoch, just before it logs the loss to W&B."""
        super()._add_train_loss_to_tensorboard(epoch_idx, losses, *args, **kwargs)  # type: ignore[misc]
        figures = self.progress.figures.get(epoch_idx)
        for name, value in (figures or {}).items():
            self.tensorboard.add_scalar(f"Extraction/{name}", value, epoch_idx)
        if figures:
            named = {f"extraction/{name}": value for name, value in figures.items()}
            self.wandblogger.log_metrics({**named, "train_step": epoch_idx}, commit=False)
        loss = sum(losses) if isinstance(losses, tuple) else losses
        self.epoch_log.trained(epoch_idx, float(loss), figures)

    def _add_hparam_to_tensorboard(self, *args: Any, **kwargs: Any) -> None:
        """RecBole's `fit` calls this at its end."""
        super()._add_hparam_to_tensorboard(*args, **kwargs)  # type: ignore[misc]
        self.epoch_log.flush()


def epoch_log(path: Optional[str], tensorboard: Any) -> EpochLog:
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
