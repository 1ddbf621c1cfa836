"""The trainer that a user's model asks for."""

from recbole.trainer import Trainer

from recbole_fn.utils.errors import InputError


def trainer_class(model_class: type) -> type | None:
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
        f"trainer_class of model {model_class.__name__!r} is {found!r}; it must be a subclass of "
        f"recbole.trainer.Trainer"
    )
