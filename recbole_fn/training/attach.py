"""Lets a callback watch any trainer of RecBole, also where this package is switched off."""

from time import perf_counter
from typing import Any

from recbole_fn.training.callbacks import Callback, Epoch


def attach(trainer: Any, callback: Callback) -> None:
    """Lets a callback watch the next `fit` of a trainer.

    Args:
        trainer: A trainer of this package or of plain RecBole.
        callback: The callback; plain RecBole tells it of no steps.
    """
    if hasattr(trainer, "fn_callbacks"):
        trainer.fn_callbacks.append(callback)
    else:
        _Watched(trainer, callback)


class _Watched:
    """Stands between a trainer of plain RecBole and its own methods."""

    def __init__(self, trainer: Any, callback: Callback) -> None:
        self.trainer, self.callback = trainer, callback
        self.result: dict[str, float] = {}
        self.train_epoch, trainer._train_epoch = trainer._train_epoch, self._train_epoch
        self.valid_epoch, trainer._valid_epoch = trainer._valid_epoch, self._valid_epoch
        self.fit, trainer.fit = trainer.fit, self._fit

    def _train_epoch(self, data: Any, epoch: int, *args: Any, **kwargs: Any) -> Any:
        begin = perf_counter()
        losses = self.train_epoch(data, epoch, *args, **kwargs)
        seconds = perf_counter() - begin
        loss = float(sum(losses)) if isinstance(losses, tuple) else float(losses)
        self.callback.on_epoch_end(self.trainer, Epoch(epoch, loss, seconds))
        return losses

    def _valid_epoch(self, *args: Any, **kwargs: Any) -> Any:
        score, result = self.valid_epoch(*args, **kwargs)
        self.result = {name: float(value) for name, value in result.items()}
        return score, result

    def _fit(self, *args: Any, callback_fn: Any = None, **kwargs: Any) -> Any:
        def validated(epoch: int, score: Any) -> None:
            self.callback.on_validation_end(self.trainer, epoch, float(score), self.result)
            if callback_fn is not None:
                callback_fn(epoch, score)

        found = self.fit(*args, callback_fn=validated, **kwargs)
        self.callback.on_training_end(self.trainer)
        return found
