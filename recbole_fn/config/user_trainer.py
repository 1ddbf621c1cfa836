"""The trainer class that a user's model asks for."""

from recbole.trainer import Trainer

from recbole_fn.utils.errors import InputError


def trainer_class(model_class: type) -> type | None:
    """The attribute `trainer_class` of a model class, or None if it has none.

    Args:
        model_class: The class of a model.

    Raises:
        InputError: if the attribute is not a subclass of RecBole's trainer.

    Example:
        >>> class MyTrainer(Trainer): ...
        >>> class MyModel:
        ...     trainer_class = MyTrainer
        >>> trainer_class(MyModel).__name__, trainer_class(object)
        ('MyTrainer', None)
    """
    trainer: type | None = getattr(model_class, "trainer_class", None)
    if trainer is None or (isinstance(trainer, type) and issubclass(trainer, Trainer)):
        return trainer
    raise InputError(
        f"trainer_class of model {model_class.__name__!r} is {trainer!r}; it must be a subclass of "
        f"recbole.trainer.Trainer"
    )
