"""What watches a training: after steps, epochs and validations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recbole_fn.config.components import Component


@dataclass(frozen=True)
class Epoch:
    """What an epoch of training came to.

    Attributes:
        number: The epoch, from 0.
        loss: RecBole's training loss: the sum over the batches.
        seconds: Of training alone: no validation, and no checkpoint.
        extraction: What extraction did (`ExtractionStats.figures`); None before its start.
    """

    number: int
    loss: float
    seconds: float
    extraction: Mapping[str, float] | None = None


class Callback(Component):
    """Watches a training and changes nothing in it; all methods do nothing by default.

    Example:
        >>> class Losses(Callback):
        ...     def on_epoch_end(self, trainer, epoch):
        ...         print(epoch.number, epoch.loss)

        In a property file it is `fn_callbacks: [my_module:Losses]`.
    """

    def on_step_end(self, trainer: Any, step: int) -> None:
        """Is called after each optimizer step.

        Args:
            trainer: The trainer.
            step: Steps so far in this run, from 1.
        """

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """Is called after each epoch, before it is validated.

        Args:
            trainer: The trainer.
            epoch: What it came to.
        """

    def on_validation_end(
        self, trainer: Any, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Is called after each validation, when the best checkpoint is written.

        Args:
            trainer: The trainer.
            epoch: The epoch, from 0.
            score: The score that decides about stopping.
            result: All metrics.
        """

    def on_training_end(self, trainer: Any) -> None:
        """Is called when nothing is left to train."""


class Callbacks(Callback):
    """Several callbacks as one, called in order.

    Args:
        callbacks: The callbacks.
    """

    def __init__(self, callbacks: Iterable[Callback] = ()) -> None:
        self.callbacks = list(callbacks)

    def append(self, callback: Callback) -> None:
        """Adds a callback."""
        self.callbacks.append(callback)

    def on_step_end(self, trainer: Any, step: int) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_step_end(trainer, step)

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_epoch_end(trainer, epoch)

    def on_validation_end(
        self, trainer: Any, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_validation_end(trainer, epoch, score, result)

    def on_training_end(self, trainer: Any) -> None:
        """See `Callback`."""
        for callback in self.callbacks:
            callback.on_training_end(trainer)
