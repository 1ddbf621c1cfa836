"""Keeps the last checkpoint of a run, so that little is lost wherever it is stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

import torch
from recbole.trainer import Trainer

from recbole_fn.checkpoint import last_file
from recbole_fn.epoch_report import EpochReport
from recbole_fn.errors import InputError
from recbole_fn.interrupt import Interrupted, StopRequest
from recbole_fn.position import Losses, Position
from recbole_fn.user_trainer import calls_required

Callback = Callable[[int, Any], Any]


class LastCheckpoint:
    """Writes a run's last checkpoint: before and after each epoch, and after some steps of it.

    Args:
        trainer: The `FNTrainer`.
        save_every: Steps from one save to the next within an epoch; None for none.

    Attributes:
        stop: Whether the run has been asked to stop.
        position: Where in the epoch the run is; None between epochs.
        saved_epoch: The last epoch of which the end has been saved; None before the first save.
    """

    def __init__(self, trainer: Any, save_every: Optional[int]) -> None:
        self.trainer, self.save_every = trainer, save_every
        self.stop = StopRequest()
        self.position: Optional[Position] = None
        self.saved_epoch: Optional[int] = None
        self._resumes = self._writes = False
        self._epoch: Optional[int] = None

    def begin(self, writes: bool) -> None:
        """Begins a run, or the rest of one.

        Args:
            writes: Whether the run saves checkpoints.

        Raises:
            InputError: if it is to save within an epoch and cannot.
        """
        self._writes, self._resumes = writes, False
        self.position = self.saved_epoch = None  # a run before may have ended anywhere
        if self.save_every is not None and not self._stops_within_epochs:
            raise InputError(
                f"fn_save_every is {self.save_every}, but within an epoch only RecBole's own "
                f"training loop in one process without enable_scaler is saved; allowed is null"
            )

    def resume(self, position: Optional[Position]) -> None:
        """Goes on from a place within an epoch, or from the end of one."""
        self.position, self._resumes = position, position is not None
        self.saved_epoch = self.trainer.start_epoch - 1

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train; RecBole stops early after so many validations."""
        trainer = self.trainer
        stopped: bool = trainer.cur_step > trainer.stopping_step
        return self.saved_epoch is not None and (stopped or trainer.start_epoch >= trainer.epochs)

    def begin_epoch(self, epoch: int) -> EpochReport:
        """Saves the end of the epoch before, unless that has been done.

        Args:
            epoch: The epoch about to begin.

        Returns:
            The report to go on with.
        """
        self._epoch = epoch
        if self.position is None:
            self._save_end(epoch - 1)
            order = self.trainer._loader.generator.get_state()
            self.position = Position(order, EpochReport())
        return self.position.report

    @contextmanager
    def epoch(self, loss_func: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
        """Within the context, the loader gives the batches of the epoch that are left.

        Args:
            loss_func: The loss.

        Yields:
            The loss, which notes its sums; the trainer has to call it.
        """
        assert self.position is not None
        noting = self.position.summing(loss_func)
        self.trainer._loader.left_out = self.position.batches
        try:
            with calls_required(noting, type(self.trainer), self.position.batches > 0) as required:
                yield required
        finally:
            self.trainer._loader.left_out = 0

    def end_epoch(self, losses: Losses) -> Losses:
        """The losses of the whole epoch, of which RecBole has seen what was left."""
        assert self.position is not None
        found = self.position.losses() if self._resumes else losses
        self.position, self._resumes = None, False
        return found

    def after_step(self) -> None:
        """Counts a step, saves if that is due, and stops if the run has been asked to."""
        if self.position is None or self._epoch is None or not self._stops_within_epochs:
            return
        self.position.batches += 1
        due = self.save_every is not None and self.position.batches % self.save_every == 0
        if due or self.stop.signum is not None:
            self._save(self._epoch - 1)
        self._stop_if_asked()

    def after_validation(self, callback: Optional[Callback]) -> Callback:
        """RecBole's callback, which comes when an epoch and its validation are over."""

        def validated(epoch: int, score: Any) -> None:
            self._save_end(epoch)
            if callback is not None:
                callback(epoch, score)

        return validated

    def end(self) -> None:
        """Saves the end of the run."""
        if self._epoch is not None:
            self._save_end(self._epoch)

    @property
    def _stops_within_epochs(self) -> bool:
        # A gradient scaler is begun anew by each epoch and belongs to it, as does what another
        # loop keeps; several processes would have to stop after the same step.
        own_loop = self.trainer.plain._train_epoch is Trainer._train_epoch
        alone: bool = self.trainer.config["single_spec"]
        return own_loop and alone and not self.trainer.enable_scaler

    def _save_end(self, epoch: int) -> None:
        if self.saved_epoch != epoch:
            self._save(epoch)
            self.saved_epoch = epoch
        self._stop_if_asked()

    def _save(self, epoch: int) -> None:
        # Weights that are not finite are of no use: the step after them fails.
        if self._writes and all(torch.isfinite(p).all() for p in self.trainer.model.parameters()):
            path = last_file(self.trainer.saved_model_file)
            self.trainer.save_with_extraction(epoch, verbose=False, saved_model_file=path)

    def _stop_if_asked(self) -> None:
        if self.stop.signum is not None:
            path = last_file(self.trainer.saved_model_file)
            raise Interrupted(str(path), self.stop.signum)
