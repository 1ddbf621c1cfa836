"""A run's checkpoints: the best one, and the last one, so that little is lost where it stops."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from time import perf_counter
from typing import Any

import torch
from recbole.trainer import Trainer

from recbole_fn import checkpoint
from recbole_fn.checkpoint import capture as run_state
from recbole_fn.checkpoint import resuming
from recbole_fn.checkpoint.cursor import EpochCursor, Losses
from recbole_fn.checkpoint.interrupt import Interrupted, StopRequest
from recbole_fn.data.fingerprint import training_set
from recbole_fn.extraction.epoch_stats import ExtractionStats
from recbole_fn.utils.errors import InputError, mistakes_in


class LastCheckpoint:
    """Writes a run's checkpoints, and goes on from them.

    The best one is RecBole's. The last one is written before and after each epoch, and after
    some steps of it.

    Args:
        trainer: The `FNTrainer`.
        save_every: Steps from one save to the next within an epoch; None for none.

    Attributes:
        stop: Whether the run has been asked to stop.
        cursor: Where in the epoch the run is; None between epochs.
        saved_epoch: The last epoch of which the end has been saved; None before the first save.
        seconds: What saving within the current epoch has taken.
    """

    def __init__(self, trainer: Any, save_every: int | None) -> None:
        self.trainer, self.save_every = trainer, save_every
        self.stop = StopRequest()
        self.cursor: EpochCursor | None = None
        self.saved_epoch: int | None = None
        self.seconds = 0.0
        self._resumed: dict[str, Any] | None = None
        self._resumes = self._writes = False
        self._epoch: int | None = None

    def begin(self, writes: bool) -> None:
        """Begins a run, or the rest of one.

        Args:
            writes: Whether the run saves checkpoints.

        Raises:
            InputError: if it is to save within an epoch and cannot.
        """
        self._writes, self._resumes = writes, False
        self.cursor = self.saved_epoch = None  # a run before may have ended anywhere
        if self.save_every is not None and not self.stops_within_epochs:
            raise InputError(
                f"fn_save_every is {self.save_every}, but within an epoch only RecBole's own "
                f"training loop in one process without enable_scaler is saved; allowed is null"
            )

    @contextmanager
    def reading(self, path: Any) -> Iterator[None]:
        """Within the context, RecBole may read the checkpoint; the next `resume` goes on from it.

        Args:
            path: The checkpoint.

        Raises:
            InputError: if it cannot be loaded, is one of plain RecBole or of a run with other
                keys.
        """
        trainer = self.trainer
        self._resumed = resuming.read(path, trainer.device, trainer.config)["fn"]
        with checkpoint.allowed_classes(), mistakes_in(f"checkpoint {str(path)!r}"):
            yield
        trainer.saved_model_file = str(checkpoint.best_file(path))

    def resume(self) -> None:
        """Goes on from the checkpoint that was read, if there is one.

        Raises:
            InputError: if it is of another training set, or damaged.
        """
        state, self._resumed = self._resumed, None
        if state is None:
            return
        trainer = self.trainer
        with mistakes_in(f"checkpoint {trainer.saved_model_file!r}"):
            self.cursor = run_state.restore(trainer, trainer.fn_step, trainer.fn_loader, state)
        self._resumes = self.cursor is not None
        self.saved_epoch = trainer.start_epoch - 1

    def save(self, epoch: int, verbose: bool = True, **kwargs: Any) -> None:
        """Saves a checkpoint; takes what RecBole's `Trainer._save_checkpoint` does."""
        begin, trainer = perf_counter(), self.trainer
        # RecBole saves the best epoch before it notes the result of its validation.
        is_other = "saved_model_file" in kwargs
        best = trainer.best_valid_result if is_other else trainer.fn_state.last_result
        step, loader = trainer.fn_step, trainer.fn_loader
        state = run_state.capture(trainer, step, loader, best, self.cursor)
        with step.evaluation_weights():
            checkpoint.save_trainer(trainer, epoch, verbose, {"fn": state}, **kwargs)
        self.seconds += perf_counter() - begin

    def load_weights(self, path: str) -> None:
        """Loads the weights that evaluation uses; the teacher, if there is one, becomes them.

        Raises:
            InputError: if they cannot be loaded.
        """
        trainer = self.trainer
        checkpoint.load_weights(path, trainer.model, trainer.device)
        if trainer.fn_step is not None and trainer.fn_step.teacher is not None:
            trainer.fn_step.teacher.copy_student()
        trainer.logger.info(f"Loading model structure and parameters from {path}")

    @cached_property
    def training_set(self) -> dict[str, Any]:
        """What tells the training set from others; its rows are hashed once in a run."""
        return training_set(self.trainer.fn_train_dataset)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train; RecBole stops early after so many validations."""
        trainer = self.trainer
        stopped: bool = trainer.cur_step > trainer.stopping_step
        return self.saved_epoch is not None and (stopped or trainer.start_epoch >= trainer.epochs)

    @contextmanager
    def epoch(self, epoch: int) -> Iterator[EpochCursor]:
        """Within the context, the loader gives the batches of an epoch that are left.

        Before it begins, the end of the epoch before is saved, unless that has been done.

        Args:
            epoch: The epoch, from 0.

        Yields:
            Where in the epoch the run is.
        """
        self._epoch, loader = epoch, self.trainer.fn_loader
        if self.cursor is None:
            self._save_end(epoch - 1)
            self.cursor = EpochCursor(loader.generator.get_state(), ExtractionStats())
        loader.left_out, self.seconds = self.cursor.batches, 0.0
        try:
            yield self.cursor
        finally:
            loader.left_out = 0

    def end_epoch(self, losses: Losses) -> float:
        """Ends an epoch.

        Args:
            losses: What RecBole's loop has added up, of the batches that were left.

        Returns:
            The sum of the losses of the whole epoch.
        """
        assert self.cursor is not None
        sums = self.cursor.losses() if self._resumes else losses
        self.cursor, self._resumes = None, False
        return float(sum(sums)) if isinstance(sums, tuple) else float(sums)

    def after_step(self) -> None:
        """Counts a step, saves if that is due, and stops if the run has been asked to."""
        if self.cursor is None or self._epoch is None or not self.stops_within_epochs:
            return
        self.cursor.batches += 1
        due = self.save_every is not None and self.cursor.batches % self.save_every == 0
        if due or self.stop.signum is not None:
            self._save_last(self._epoch - 1)
        self._stop_if_asked()

    def after_validation(self, epoch: int) -> None:
        """Saves the end of an epoch that has been validated."""
        self._save_end(epoch)

    def end(self) -> None:
        """Saves the end of the run."""
        if self._epoch is not None:
            self._save_end(self._epoch)

    @property
    def stops_within_epochs(self) -> bool:
        """Whether each step of an epoch is known, and nothing else has to be kept within it."""
        # A gradient scaler is begun anew by each epoch and belongs to it, as does what another
        # loop keeps; several processes would have to stop after the same step.
        own_loop = self.trainer.fn_plain._train_epoch is Trainer._train_epoch
        alone: bool = self.trainer.config["single_spec"]
        return own_loop and alone and not self.trainer.enable_scaler

    def _save_end(self, epoch: int) -> None:
        if self.saved_epoch != epoch:
            self._save_last(epoch)
            self.saved_epoch = epoch
        self._stop_if_asked()

    def _save_last(self, epoch: int) -> None:
        # Weights that are not finite are of no use: the step after them fails.
        if self._writes and all(torch.isfinite(p).all() for p in self.trainer.model.parameters()):
            path = checkpoint.last_file(self.trainer.saved_model_file)
            self.save(epoch, verbose=False, saved_model_file=path)

    def _stop_if_asked(self) -> None:
        if self.stop.signum is not None:
            path = checkpoint.last_file(self.trainer.saved_model_file)
            raise Interrupted(str(path), self.stop.signum)
