"""Callbacks: called after steps, epochs and validations of a training."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recbole_fn.config.components import Component
from recbole_fn.utils.trainer_type import Trainer


@dataclass(frozen=True)
class Epoch:
    """The outcome of an epoch of training.

    Attributes:
        number: The epoch, from 0.
        loss: RecBole's training loss: the sum over the batches.
        seconds: Time of training alone, without validation and checkpoints.
        extraction: Statistics of extraction (`ExtractionStats.figures`); None before its start.

    Examples:
        >>> Epoch(number=0, loss=12.5, seconds=3.0).extraction is None
        True
    """

    number: int
    loss: float
    seconds: float
    extraction: Mapping[str, float] | None = None


class Callback(Component):
    """Watches a training without changing it; every method does nothing by default.

    Examples:
        A callback of your own:

        >>> class Losses(Callback):
        ...     def on_epoch_end(self, trainer, epoch):
        ...         print(epoch.number, epoch.loss)
        >>> Losses().on_epoch_end(None, Epoch(number=0, loss=12.5, seconds=3.0))
        0 12.5

        In a property file: `fn_callbacks: [my_module:Losses]`.
    """

    def on_step_end(self, trainer: Trainer, step: int) -> None:
        """Called after each optimizer step.

        Args:
            trainer: The trainer.
            step: Optimizer steps so far in this run, from 1.
        """

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Called after each epoch, before its validation.

        Args:
            trainer: The trainer.
            epoch: The outcome of the epoch.
        """

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Called after each validation, once the best checkpoint is written.

        Args:
            trainer: The trainer.
            epoch: The epoch, from 0.
            score: The score that early stopping uses.
            result: All metrics.
        """

    def on_training_end(self, trainer: Trainer) -> None:
        """Called after the last epoch."""


class Callbacks(Callback):
    """Several callbacks as one, called in order.

    Args:
        callbacks: The callbacks.

    Examples:
        >>> callbacks = Callbacks()
        >>> callbacks.append(Callback())
        >>> len(callbacks.callbacks)
        1
    """

    def __init__(self, callbacks: Iterable[Callback] = ()) -> None:
        self.callbacks = list(callbacks)

    def append(self, callback: Callback) -> None:
        """Adds a callback."""
        self.callbacks.append(callback)

    def on_step_end(self, trainer: Trainer, step: int) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_step_end(trainer, step)

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_epoch_end(trainer, epoch)

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_validation_end(trainer, epoch, score, result)

    def on_training_end(self, trainer: Trainer) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_training_end(trainer)
