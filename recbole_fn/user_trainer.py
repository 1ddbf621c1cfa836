"""The trainer that a user's model asks for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

from recbole.trainer import Trainer

from recbole_fn.errors import InputError


def trainer_class(model_class: type) -> Optional[type]:
    """The trainer that a model class asks for by its attribute `trainer_class`, if it does.

    Args:
        model_class: The class of a model.

    Raises:
        InputError: if it is no trainer of RecBole.
    """
    found = getattr(model_class, "trainer_class", None)
    if found is None or (isinstance(found, type) and issubclass(found, Trainer)):
        return found
    raise InputError(
        f"trainer_class of model {model_class.__name__!r} is {found!r}; allowed is a subclass of "
        f"recbole.trainer.Trainer"
    )


@contextmanager
def calls_required(
    loss_func: Callable[..., Any], trainer: type, called: bool = False
) -> Iterator[Callable[..., Any]]:
    """Refuses a trainer that puts another loss in place of the one that it is given.

    Args:
        loss_func: The loss that the trainer is given.
        trainer: Class of the trainer.
        called: Whether it has called it before, in an epoch that was stopped.

    Yields:
        The loss, to be given to the trainer within the context.

    Raises:
        InputError: if the trainer has not called it by the end of the context.
    """

    def noting(*args: Any) -> Any:
        nonlocal called
        called = True
        return loss_func(*args)

    yield noting
    if not called:
        raise InputError(
            f"trainer {trainer.__name__} trained without calling the loss_func of _train_epoch; "
            f"allowed with fn_enabled: True is a trainer that calls it"
        )
