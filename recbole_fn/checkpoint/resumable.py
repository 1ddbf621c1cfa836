"""The trainer of this package as its checkpoints see it, so that they import no trainer."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

from recbole.trainer import Trainer as RecBoleTrainer

from recbole_fn.checkpoint.state import RunState
from recbole_fn.data.loaders import FNTrainDataLoader
from recbole_fn.utils.recbole_types import Dataset, State
from recbole_fn.utils.trainer_type import Trainer


class Teacher(Protocol):
    """The moving average of the model's weights.

    Examples:
        >>> teacher: Teacher = run.trainer.fn_step.teacher  # an `EMATeacher`
        >>> callable(teacher.copy_student)
        True
    """

    def copy_student(self) -> None:
        """Resets the teacher to the current weights of the model."""


class Step(Protocol):
    """The training step: memory, teacher and sampler.

    Examples:
        >>> step: Step = run.trainer.fn_step  # a `TrainingStep`
        >>> sorted(step.state_dict())
        ['memory', 'sampler', 'steps', 'student', 'teacher']
    """

    teacher: Teacher | None

    def state_dict(self) -> State:
        """The state, as tensors and plain values."""
        ...

    def load_state_dict(self, state: State) -> None:
        """Restores what `state_dict` returned."""

    def evaluation_weights(self) -> AbstractContextManager[None]:
        """Within the context, the model has the weights that evaluation uses."""
        ...


class Start(Protocol):
    """Decides when extraction starts.

    Examples:
        >>> from types import SimpleNamespace
        >>> start: Start = SimpleNamespace(state=RunState(started=3))
        >>> start.state.started
        3
    """

    state: RunState


class ResumableTrainer(Trainer, Protocol):
    """A trainer whose run can be saved at any step, and resumed.

    Attributes:
        fn_plain: The trainer class of RecBole, or of the user, that it extends.
        fn_start: Holds the history of the run.
        fn_step: The training step; None before `fit`.
        fn_loader: The loader to train with.

    Examples:
        >>> trainer: ResumableTrainer = run.trainer  # an `FNTrainer`
        >>> trainer.fn_start.state.started  # the epoch, or None
        1
    """

    fn_plain: type[Any]
    fn_start: Start
    fn_step: Step | None
    fn_loader: FNTrainDataLoader

    @property
    def fn_train_dataset(self) -> Dataset:
        """The built training set."""
        ...


def can_stop_within_epochs(trainer: ResumableTrainer) -> bool:
    """Whether a run can be saved and resumed within an epoch.

    A gradient scaler, or the loop of a user's trainer, has state of its own; and several processes
    would have to stop after the same step.

    Args:
        trainer: The trainer.

    Examples:
        >>> from types import SimpleNamespace
        >>> config = {"single_spec": True}
        >>> run = SimpleNamespace(fn_plain=RecBoleTrainer, config=config, enable_scaler=True)
        >>> can_stop_within_epochs(run)
        False
    """
    is_recboles_loop = trainer.fn_plain._train_epoch is RecBoleTrainer._train_epoch
    is_alone: bool = trainer.config["single_spec"]
    return is_recboles_loop and is_alone and not trainer.enable_scaler
