"""Statistics of epochs: to RecBole's log, TensorBoard and W&B, and as JSON lines."""

import json
from collections.abc import Mapping
from pathlib import Path

from recbole_fn.distributed.group import Group
from recbole_fn.extraction.epoch_stats import describe
from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.part_types import Board
from recbole_fn.utils.trainer_type import Trainer


class Boards(Callback):
    """Logs statistics of extraction where RecBole logs its loss: its log, TensorBoard and W&B.

    Examples:
        >>> from types import SimpleNamespace
        >>> class PrintingBoard:
        ...     def add_scalar(self, *scalar):
        ...         print(*scalar)
        >>> quiet = SimpleNamespace(info=lambda *_, **__: None, log_metrics=lambda *_, **__: None)
        >>> trainer = SimpleNamespace(logger=quiet, wandblogger=quiet, tensorboard=PrintingBoard())
        >>> figures = dict(hard=4, flipped=1, flipped_share=0.1, base_loss=1, consistency_loss=0)
        >>> Boards().on_epoch_end(trainer, Epoch(7, 12.5, 3.0, figures))
        Extraction/hard 4 7
        ...
    """

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Logs the statistics just before RecBole logs the epoch's loss."""
        figures = epoch.extraction or {}
        if figures:
            text = f"epoch {epoch.number} extraction: {describe(figures)}"
            trainer.logger.info(text, extra=DETAIL)
        for name, value in figures.items():
            trainer.tensorboard.add_scalar(f"Extraction/{name}", value, epoch.number)
        if figures:
            named = {f"extraction/{name}": value for name, value in figures.items()}
            metrics = {**named, "train_step": epoch.number}
            trainer.wandblogger.log_metrics(metrics, head="train", commit=False)


class EpochLog(Callback):
    """Appends one line of JSON for each epoch to a file.

    A line is written once its epoch has been validated; without a validation, when the next epoch
    or the training ends. Each line is a single write, so several runs can share a file.

    Args:
        path: The file; None writes nothing.
        run: The run's name, which every line holds.

    Raises:
        InputError: if the file cannot be written.

    Examples:
        >>> log = EpochLog(path=None, run="example")
        >>> log.on_epoch_end(None, Epoch(number=0, loss=12.5, seconds=3.0))
        >>> log.flush()
    """

    def __init__(self, path: str | None, run: str) -> None:
        self._path = None if path is None else Path(path)
        self._run = run
        self._pending: dict[str, object] = {}
        self._append("")  # fails now rather than after the first epoch

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Keeps the line of an epoch until the epoch has been validated."""
        self.flush()
        line = {"run": self._run, "epoch": epoch.number, "train_loss": epoch.loss}
        self._pending = {**line, **(epoch.extraction or {})}

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Writes the line of the last epoch with its validation."""
        if self._pending:  # the loop of a user's trainer may log no epochs
            self._pending.update(valid_score=score, valid=dict(result))
        self.flush()

    def on_training_end(self, trainer: Trainer) -> None:
        """Writes the line of an epoch without validation."""
        self.flush()

    def flush(self) -> None:
        """Writes the pending line, if there is one."""
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
        except OSError as error:  # only the system knows the reason
            raise InputError(
                f"fn_log is {str(self._path)!r}, which cannot be written ({error.strerror}); "
                f"it must be the path of a file"
            ) from error


def epoch_log(path: str | None, board: Board) -> EpochLog:
    """The log of a run, named like the run's TensorBoard folder and its log file.

    Args:
        path: `fn_log`.
        board: RecBole's TensorBoard writer of the run.

    Raises:
        InputError: if the file cannot be written.

    Examples:
        >>> from types import SimpleNamespace
        >>> isinstance(epoch_log(None, SimpleNamespace(log_dir="log_tensorboard/run")), EpochLog)
        True
    """
    if Group.of_this_process().rank > 0:
        return EpochLog(None, "")  # only rank 0 writes, and has the folder
    return EpochLog(path, Path(board.log_dir).name)
