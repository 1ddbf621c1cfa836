"""The loss of one epoch as RecBole's loop calls it, and the optimizer steps that follow it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

from recbole_fn.checkpoint.cursor import EpochCursor
from recbole_fn.training.non_finite import Moment, require_finite_loss, require_finite_weights
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.trainer_type import Trainer

BatchLosses = Tensor | tuple[Tensor, ...]


@dataclass(eq=False)
class EpochLoss:
    """A loss that counts its calls and the optimizer steps that follow them.

    Every optimizer of PyTorch that updates the model counts, whoever made it and when. Several
    optimizer steps after one loss are one step of training.

    Attributes:
        trainer: The trainer.
        epoch: The epoch, from 0.
        loss_func: The loss.
        cursor: Accumulates the losses of the epoch.
        on_step: Called after each step of training.
        ends_steps_at_once: Whether a step ends with the first optimizer step, so that a checkpoint
            can be written before the next batch is loaded. Otherwise it ends with the next call
            of the loss, which also suits loops with several optimizers.
        calls: Number of calls of the loss.
        steps: Number of steps of training.

    Examples:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> model = torch.nn.Linear(2, 1)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> trainer = SimpleNamespace(model=model, optimizer=optimizer)
        >>> cursor = EpochCursor(None, None)
        >>> loss = EpochLoss(trainer, 0, lambda x: model(x).sum(), cursor, lambda: None, True)
        >>> with loss.watching():
        ...     loss(torch.ones(4, 2)).backward()
        ...     optimizer.step()
        >>> loss.calls, loss.steps
        (1, 1)
    """

    trainer: Trainer
    epoch: int
    loss_func: Callable[..., BatchLosses]
    cursor: EpochCursor
    on_step: Callable[[], None]
    ends_steps_at_once: bool
    calls: int = field(default=0, init=False)
    steps: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._terms: tuple[Tensor, ...] = ()
        self._has_stepped = False

    def __call__(self, *args: object) -> BatchLosses:
        """Computes the loss of a batch, with the arguments and the result of `loss_func`."""
        self._finish_step()
        losses = self.loss_func(*args)
        self.calls += 1
        self._terms = losses if isinstance(losses, tuple) else (losses,)
        self.cursor.add(losses)
        return losses

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within the context, counts the steps of every optimizer that updates the model.

        Raises:
            InputError: on exit, if a weight is not finite, the trainer has not called this loss,
                or no optimizer has updated the model.
        """
        weights = {id(weight) for weight in self.trainer.model.parameters()}

        def stepped(optimizer: Optimizer, *_: object) -> None:
            updated = (weight for group in optimizer.param_groups for weight in group["params"])
            if any(id(weight) in weights for weight in updated):
                self._has_stepped = True
                if self.ends_steps_at_once:
                    self._finish_step()

        handle = register_optimizer_step_post_hook(stepped)
        try:
            yield
        finally:
            handle.remove()
        self._finish_step()
        self._require_used()
        require_finite_weights(self.trainer.model, self._moment)

    def require_finite(self, loss: Tensor) -> None:
        """Checks the loss of a step.

        Raises:
            NonFiniteError: if the loss is NaN or infinite.
        """
        require_finite_loss(loss, self._terms, self._moment)

    @property
    def _moment(self) -> Moment:
        return Moment(self.epoch, self.calls - 1, self.trainer.optimizer)

    def _require_used(self) -> None:
        trainer = type(self.trainer)
        if self.calls == 0 and self.cursor.batches == 0:
            raise InputError(
                f"trainer is {trainer.__name__}, which trained without calling the loss_func of "
                f"_train_epoch; with fn_enabled: True it must be a trainer that calls it"
            )
        if self.calls > 0 and self.steps == 0 and not self.trainer.enable_scaler:
            raise InputError(
                f"trainer is {trainer.__name__}, which computed {self.calls} losses in an epoch, "
                f"but no optimizer of PyTorch moved the model, so the teacher cannot follow it; "
                f"with fn_enabled: True the optimizer must be a torch.optim.Optimizer"
            )

    def _finish_step(self) -> None:
        if self._has_stepped:
            self._has_stepped = False
            self.steps += 1
            self.on_step()
