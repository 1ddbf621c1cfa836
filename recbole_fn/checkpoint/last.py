"""A run's checkpoints: the best one, and the last one, so that little is lost when it stops."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import perf_counter

import torch

from recbole_fn import checkpoint
from recbole_fn.checkpoint import resuming
from recbole_fn.checkpoint.capture import capture, restore, step_of
from recbole_fn.checkpoint.cursor import EpochCursor, Losses
from recbole_fn.checkpoint.interrupt import Interrupted, StopRequest
from recbole_fn.checkpoint.resumable import ResumableTrainer, can_stop_within_epochs
from recbole_fn.data.fingerprint import training_set
from recbole_fn.extraction.epoch_stats import ExtractionStats
from recbole_fn.utils.claims import release
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import State


class LastCheckpoint:
    """Writes a run's checkpoints and resumes from them.

    The best checkpoint is RecBole's. The last one is written before and after each epoch, and
    after every `save_every` steps within it.

    Args:
        trainer: The trainer.
        save_every: Steps between two saves within an epoch; None for none.

    Attributes:
        stop: Whether the run has been asked to stop.
        cursor: The place within the current epoch; None between epochs.
        saved_epoch: The last epoch whose end has been saved; None before the first save.
        seconds: Time spent on saving in the current epoch.

    Examples:
        `FNTrainer` calls it around RecBole's loop:

        >>> last = run.trainer.fn_checkpoint
        >>> last.saved_epoch, last.cursor
        (4, None)
    """

    def __init__(self, trainer: ResumableTrainer, save_every: int | None) -> None:
        self.trainer, self.save_every = trainer, save_every
        self.stop = StopRequest()
        self.cursor: EpochCursor | None = None
        self.saved_epoch: int | None = None
        self.seconds = 0.0
        self._resumed: State | None = None
        self._resumes = self._writes = False
        self._epoch: int | None = None

    def begin(self, writes: bool) -> None:
        """Begins a run, or the rest of one.

        Args:
            writes: Whether the run saves checkpoints.

        Raises:
            InputError: if it should save within an epoch and cannot.
        """
        self._writes, self._resumes = writes, False
        self.cursor = self.saved_epoch = None  # a run before may have ended anywhere
        if self.save_every is not None and not can_stop_within_epochs(self.trainer):
            raise InputError(
                f"fn_save_every is {self.save_every}; it must be null, as only RecBole's own "
                f"training loop, in one process without enable_scaler, can be saved within an epoch"
            )

    @contextmanager
    def reading(self, path: str | Path) -> Iterator[None]:
        """Within the context, RecBole may read the checkpoint; the next `resume` restores it.

        Args:
            path: The checkpoint.

        Raises:
            InputError: if it cannot be loaded, or is one of plain RecBole or of a run with other
                keys.
        """
        trainer = self.trainer
        self._resumed = resuming.read(path, trainer.device, trainer.config)["fn"]
        release(Path(trainer.saved_model_file))  # the run goes on under the checkpoint's name
        # A net: RecBole's reader, of a file that `resuming.read` has found whole.
        with checkpoint.allowed_classes(), mistakes_in(f"checkpoint {str(path)!r}"):
            yield
        trainer.saved_model_file = str(checkpoint.best_file(path))

    def resume(self) -> None:
        """Restores the checkpoint that was read, if any.

        Raises:
            InputError: if it is damaged, or of other data.
        """
        state, self._resumed = self._resumed, None
        if state is None:
            return
        # A net: a file of which parts are damaged or of another edition.
        with mistakes_in(f"checkpoint {self.trainer.saved_model_file!r}"):
            self.cursor = restore(self.trainer, self.training_set, state)
        self._resumes = self.cursor is not None
        self.saved_epoch = self.trainer.start_epoch - 1

    def save(self, epoch: int, verbose: bool = True, **kwargs: str | Path) -> None:
        """Saves a checkpoint, with the arguments of RecBole's `Trainer._save_checkpoint`."""
        begin, trainer = perf_counter(), self.trainer
        # RecBole saves the best epoch before it notes the result of its validation.
        is_other = "saved_model_file" in kwargs
        best = trainer.best_valid_result if is_other else trainer.fn_start.state.last_result
        state = capture(trainer, self.training_set, best, self.cursor)
        with step_of(trainer).evaluation_weights():
            checkpoint.save_trainer(trainer, epoch, verbose, {"fn": state}, **kwargs)
        self.seconds += perf_counter() - begin

    @cached_property
    def training_set(self) -> State:
        """What identifies the run's data; the rows are hashed once in a run."""
        return training_set(self.trainer.fn_loader)

    @property
    def finished(self) -> bool:
        """Whether a resumed run has nothing left to train."""
        trainer = self.trainer
        stopped_early = trainer.cur_step > trainer.stopping_step
        is_done = stopped_early or trainer.start_epoch >= trainer.epochs
        return self.saved_epoch is not None and is_done

    @contextmanager
    def epoch(self, epoch: int) -> Iterator[EpochCursor]:
        """Within the context, the loader yields the remaining batches of an epoch.

        Saves the end of the epoch before, unless it has been saved.

        Args:
            epoch: The epoch, from 0.

        Yields:
            The place within the epoch.
        """
        self._epoch, loader = epoch, self.trainer.fn_loader
        if self.cursor is None:
            self.save_end(epoch - 1)
            self.cursor = EpochCursor(loader.generator.get_state(), ExtractionStats())
        loader.left_out, self.seconds = self.cursor.batches, 0.0
        try:
            yield self.cursor
        finally:
            loader.left_out = 0

    def end_epoch(self, losses: Losses) -> float:
        """Ends an epoch and returns the sum of its losses.

        Args:
            losses: The sums of RecBole's loop, over the batches since the run was resumed.
        """
        assert self.cursor is not None
        sums = self.cursor.losses() if self._resumes else losses
        self.cursor, self._resumes = None, False
        return float(sum(sums)) if isinstance(sums, tuple) else float(sums)

    def after_step(self) -> None:
        """Counts a step, saves if it is time, and stops if the run has been asked to."""
        if self.cursor is None or self._epoch is None or not can_stop_within_epochs(self.trainer):
            return
        self.cursor.batches += 1
        due = self.save_every is not None and self.cursor.batches % self.save_every == 0
        if due or self.stop.signum is not None:
            self._save_last(self._epoch - 1)
        self._stop_if_asked()

    def save_end(self, epoch: int) -> None:
        """Saves the end of an epoch once, and stops if the run has been asked to."""
        if self.saved_epoch != epoch:
            self._save_last(epoch)
            self.saved_epoch = epoch
        self._stop_if_asked()

    def end(self) -> None:
        """Saves the end of the run."""
        if self._epoch is not None:
            self.save_end(self._epoch)

    def _save_last(self, epoch: int) -> None:
        # Weights that are not finite are of no use: the next step fails.
        if self._writes and all(torch.isfinite(p).all() for p in self.trainer.model.parameters()):
            path = checkpoint.last_file(self.trainer.saved_model_file)
            self.save(epoch, verbose=False, saved_model_file=path)

    def _stop_if_asked(self) -> None:
        if self.stop.signum is not None:
            path = checkpoint.last_file(self.trainer.saved_model_file)
            raise Interrupted(str(path), self.stop.signum)
