"""The table of epochs that a run logs: one line for training, extraction and validation."""

from collections.abc import Mapping
from time import perf_counter

from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.trainer_type import Trainer


class EpochTable(Callback):
    """Logs one line for each epoch, once the epoch has been validated.

    Columns: the epoch, from 0; RecBole's training loss; with a teacher or extraction the
    remembered hard negatives, the extracted slots, their fraction of all slots and the
    consistency loss; the validation score, with a star if it is the best so far; the epoch's
    time with its validation; and the time left if the run trains all `epochs`.

    Args:
        extracts: Whether the run has columns of extraction.

    Examples:
        >>> import logging, sys
        >>> from types import SimpleNamespace
        >>> logger = logging.Logger("example")
        >>> logger.addHandler(logging.StreamHandler(sys.stdout))
        >>> trainer = SimpleNamespace(
        ...     logger=logger, epochs=2, eval_step=1, cur_step=0, valid_metric="MRR@10"
        ... )
        >>> table = EpochTable(extracts=False)
        >>> table.on_epoch_end(trainer, Epoch(0, 12.5, 3.0))
        >>> table.on_validation_end(trainer, 0, 0.25, {})
        epoch  train loss  mrr@10     time     left
            0     12.5000  0.2500*  ...
    """

    def __init__(self, extracts: bool) -> None:
        self._extracts = extracts
        self._pending: Epoch | None = None
        self._has_header = False
        self._num_epochs = 0
        self._seconds = 0.0
        self._begin = perf_counter()  # of the epoch
        self._best: tuple[int, float] | None = None

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Logs the epoch, unless its validation comes next."""
        self._log(trainer, None)
        if not self._num_epochs:  # what came before the first epoch is not part of it
            self._begin = perf_counter() - epoch.seconds
        self._pending = epoch
        if trainer.eval_step <= 0 or (epoch.number + 1) % trainer.eval_step:
            self._log(trainer, None)

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Logs the epoch with its validation."""
        if trainer.cur_step == 0:
            self._best = epoch, score
        self._log(trainer, score)

    def on_training_end(self, trainer: Trainer) -> None:
        """Logs the last epoch if it was not validated, and which one was the best."""
        self._log(trainer, None)
        if self._best is not None:
            epoch, score = self._best
            when = f"in epoch {epoch}"
        elif trainer.best_valid_result is not None:  # a resumed run knows no better one
            score, when = trainer.best_valid_score, "before the run was resumed"
        else:
            return
        metric = trainer.valid_metric.lower()
        trainer.logger.info(f"Best validation: {metric} {score:.4f} {when}.")

    def _log(self, trainer: Trainer, score: float | None) -> None:
        if self._pending is None:
            return
        epoch, self._pending = self._pending, None
        now = perf_counter()
        seconds, self._begin = now - self._begin, now
        self._num_epochs, self._seconds = self._num_epochs + 1, self._seconds + seconds
        if not self._has_header:
            trainer.logger.info(self._line(trainer, _HEADER, trainer.valid_metric.lower()))
            self._has_header = True
        left = (trainer.epochs - epoch.number - 1) * self._seconds / self._num_epochs
        cells = epoch_cells(epoch) | {
            "time": duration(seconds),
            "left": duration(left),
        }
        star = "*" if trainer.cur_step == 0 else " "
        trainer.logger.info(
            self._line(trainer, cells, "-" if score is None else f"{score:.4f}{star}")
        )

    def _line(self, trainer: Trainer, cells: Mapping[str, str], score: str) -> str:
        metric = len(trainer.valid_metric) + 1
        first = f"{cells['epoch']:>5}  {cells['train loss']:>10}"
        extraction = "".join(f"{cells[name]:>{width}}" for name, width in _EXTRACTION.items())
        # Left-justified numbers of one width keep the point in its column, beside the star.
        last = f"  {score:<{max(metric, 7)}}{cells['time']:>8}{cells['left']:>9}"
        return first + (extraction if self._extracts else "") + last


_EXTRACTION = {"hard": 9, "extracted": 10, "rate": 8, "consistency": 12}
_HEADER = {name: name for name in ("epoch", "train loss", *_EXTRACTION, "time", "left")}


def epoch_cells(epoch: Epoch) -> dict[str, str]:
    """The cells of an epoch's line by column.

    Args:
        epoch: The outcome of the epoch.

    Examples:
        >>> epoch_cells(Epoch(3, 12.5, 3.0))["hard"]
        '-'
    """
    cells = dict.fromkeys(_HEADER, "-")
    cells |= {"epoch": str(epoch.number), "train loss": f"{epoch.loss:.4f}"}
    if epoch.extraction:
        figures = epoch.extraction
        cells["hard"], cells["extracted"] = str(figures["hard"]), str(figures["flipped"])
        cells["rate"] = f"{figures['flipped_share']:.2%}"
        cells["consistency"] = f"{figures['consistency_loss']:.4f}"
    return cells


def duration(seconds: float) -> str:
    """A time in the two largest units that it needs.

    Args:
        seconds: The time in seconds.

    Examples:
        >>> duration(0.25), duration(75), duration(3 * 3600 + 120)
        ('0.2 s', '1m 15s', '3h 02m')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"
