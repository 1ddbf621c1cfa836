"""The loss of one epoch, watched where RecBole's loop calls it, and the steps that follow it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

from recbole_fn.checkpoint.cursor import EpochCursor
from recbole_fn.training.non_finite import Moment, require_finite_loss, require_finite_weights
from recbole_fn.utils.errors import InputError


class EpochLoss:
    """A loss that knows how often it was called, and whether an optimizer stepped afterwards.

    Any optimizer of PyTorch that moves the model counts, whoever made it and when. If several
    step after one loss, that is one step of training.

    Args:
        trainer: The `FNTrainer`.
        epoch: The epoch, from 0.
        loss_func: The loss.
        cursor: Where in the epoch the run is; the losses are added up there.
        on_step: Is called after each step of training.

    Attributes:
        calls: How often the loss was called.
        steps: Steps of training.
    """

    def __init__(
        self,
        trainer: Any,
        epoch: int,
        loss_func: Callable[..., Any],
        cursor: EpochCursor,
        on_step: Callable[[], None],
    ) -> None:
        self._trainer, self._epoch = trainer, epoch
        self._loss_func, self._cursor, self._on_step = loss_func, cursor, on_step
        # A checkpoint can then be written before the next batch is loaded; a loop that may step
        # several optimizers has ended a step for sure where it asks for the next loss.
        self._at_once = trainer.fn_checkpoint.stops_within_epochs
        self.calls = self.steps = 0
        self._terms: tuple[Tensor, ...] = ()
        self._has_stepped = False

    def __call__(self, *args: Any) -> Any:
        """Computes the loss of a batch; takes and returns what the loss does."""
        self._finish_step()
        losses = self._loss_func(*args)
        self.calls += 1
        self._terms = losses if isinstance(losses, tuple) else (losses,)
        self._cursor.add(losses)
        return losses

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within the context, the steps of every optimizer that moves the model are seen.

        Raises:
            InputError: at its end, if a weight is not finite, the trainer has trained with
                another loss, or nothing was seen to move the model.
        """
        weights = {id(weight) for weight in self._trainer.model.parameters()}

        def stepped(optimizer: Optimizer, *_: Any) -> None:
            moved = (weight for group in optimizer.param_groups for weight in group["params"])
            if any(id(weight) in weights for weight in moved):
                self._has_stepped = True
                if self._at_once:
                    self._finish_step()

        handle = register_optimizer_step_post_hook(stepped)
        try:
            yield
        finally:
            handle.remove()
        self._finish_step()
        self._require_used()
        require_finite_weights(self._trainer.model, self._moment)

    def require_finite(self, loss: Tensor) -> None:
        """Checks the loss of a step.

        Raises:
            NonFiniteError: if it is NaN or infinite.
        """
        require_finite_loss(loss, self._terms, self._moment)

    @property
    def _moment(self) -> Moment:
        return Moment(self._epoch, self.calls - 1, self._trainer.optimizer)

    def _require_used(self) -> None:
        trainer = type(self._trainer)
        if self.calls == 0 and self._cursor.batches == 0:
            raise InputError(
                f"trainer {trainer.__name__} trained without calling the loss_func of "
                f"_train_epoch; allowed with fn_enabled: True is a trainer that calls it"
            )
        if self.calls > 0 and self.steps == 0 and not self._trainer.enable_scaler:
            raise InputError(
                f"trainer {trainer.__name__} computed {self.calls} losses in an epoch, but no "
                f"optimizer of PyTorch moved the model, so the teacher cannot follow it; with "
                f"fn_enabled: True the optimizer must be a torch.optim.Optimizer"
            )

    def _finish_step(self) -> None:
        if self._has_stepped:
            self._has_stepped = False
            self.steps += 1
            self._on_step()
