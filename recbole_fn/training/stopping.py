"""When training stops: RecBole's early stopping, with a patience that grows with the run."""

from fractions import Fraction
from math import ceil

from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.trainer_type import Trainer


def stopping_step(at_least: int, patience: float, epochs: int, eval_step: int) -> int:
    """The `stopping_step` with which RecBole stops at the right validation.

    RecBole stops once more than `stopping_step` validations in a row have found nothing better.
    With a patience, the best one must also be at least this fraction of the epochs ago.

    Args:
        at_least: RecBole's key `stopping_step`.
        patience: `fn_patience`, a fraction of the epochs trained so far.
        epochs: Epochs trained so far.
        eval_step: Epochs from one validation to the next.

    Examples:
        Of 40 epochs 0.3 are 12; every second one is validated, so the sixth validation stops:

        >>> stopping_step(at_least=2, patience=0.3, epochs=40, eval_step=2)
        5
        >>> stopping_step(at_least=10, patience=0.3, epochs=40, eval_step=2)
        10
    """
    # A fraction of the decimal number: in floating point 0.7 * 10 is above 7.
    validations = ceil(Fraction(str(patience)) * epochs / eval_step)
    return max(at_least, validations - 1)


def set_stopping_step(trainer: Trainer, epochs: int) -> None:
    """Sets a trainer's `stopping_step` for its next validation, if `fn_patience` is not null.

    Args:
        trainer: A trainer of this package or of plain RecBole.
        epochs: Epochs trained so far.

    Examples:
        >>> from types import SimpleNamespace
        >>> keys = {"fn_patience": 0.5, "stopping_step": 3}
        >>> trainer = SimpleNamespace(config=keys, eval_step=1, stopping_step=3)
        >>> set_stopping_step(trainer, epochs=20)
        >>> trainer.stopping_step
        9
    """
    patience = trainer.config["fn_patience"]
    if patience is not None and trainer.eval_step > 0:  # 0: no validation
        at_least = trainer.config["stopping_step"]
        trainer.stopping_step = stopping_step(at_least, patience, epochs, trainer.eval_step)


class Patience(Callback):
    """Applies `fn_patience` to a trainer of plain RecBole; `FNTrainer` applies it by itself.

    Examples:
        >>> new_run.trainer.config["fn_patience"] = 0.5
        >>> Patience().on_epoch_end(new_run.trainer, Epoch(39, 1.0, 1.0))
        >>> new_run.trainer.stopping_step
        19
    """

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Sets `stopping_step` before the epoch is validated."""
        set_stopping_step(trainer, epoch.number + 1)
