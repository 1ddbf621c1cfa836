"""Lets a callback watch any trainer of RecBole, even where this package is switched off."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.trainer_type import Trainer

Losses = float | tuple[float, ...]
Validation = tuple[float, dict[str, float]]


def attach(trainer: Trainer, callback: Callback) -> None:
    """Lets a callback watch the next `fit` of a trainer.

    Args:
        trainer: A trainer of this package or of plain RecBole.
        callback: The callback. A trainer of plain RecBole does not call `on_step_end`.

    Examples:
        >>> class Losses(Callback):
        ...     def on_epoch_end(self, trainer, epoch):
        ...         print(epoch.number)
        >>> attach(new_run.trainer, Losses())
        >>> result = new_run.trainer.fit(new_run.train_data, verbose=False, saved=False)
        0
        1
    """
    if hasattr(trainer, "fn_callbacks"):
        trainer.fn_callbacks.append(callback)
    else:
        _Watched(trainer, callback)


class _Watched:
    """Wraps the methods of a trainer of plain RecBole."""

    def __init__(self, trainer: Any, callback: Callback) -> None:
        self.trainer, self.callback = trainer, callback
        self.result: dict[str, float] = {}
        self.train_epoch, trainer._train_epoch = trainer._train_epoch, self._train_epoch
        self.valid_epoch, trainer._valid_epoch = trainer._valid_epoch, self._valid_epoch
        self.fit, trainer.fit = trainer.fit, self._fit

    def _train_epoch(self, data: object, epoch: int, *args: object, **kwargs: object) -> Losses:
        begin = perf_counter()
        losses: Losses = self.train_epoch(data, epoch, *args, **kwargs)
        seconds = perf_counter() - begin
        loss = float(sum(losses)) if isinstance(losses, tuple) else float(losses)
        self.callback.on_epoch_end(self.trainer, Epoch(epoch, loss, seconds))
        return losses

    def _valid_epoch(self, *args: object, **kwargs: object) -> Validation:
        score, result = self.valid_epoch(*args, **kwargs)
        self.result = {name: float(value) for name, value in result.items()}
        return score, result

    def _fit(
        self,
        *args: object,
        callback_fn: Callable[[int, float], None] | None = None,
        **kwargs: object,
    ) -> Validation:
        def validated(epoch: int, score: float) -> None:
            self.callback.on_validation_end(self.trainer, epoch, float(score), self.result)
            if callback_fn is not None:
                callback_fn(epoch, score)

        validation: Validation = self.fit(*args, callback_fn=validated, **kwargs)
        self.callback.on_training_end(self.trainer)
        return validation
