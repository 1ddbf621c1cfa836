"""A user's own model class: found by `module:Class`, checked, and carried by its name."""

from typing import Any

from recbole.model import abstract_recommender
from recbole.utils import ModelType

from recbole_fn.config.import_class import import_class
from recbole_fn.config.user_trainer import trainer_class
from recbole_fn.utils.errors import InputError


class ModelName(str):
    """The name of a user's model class, which knows the class.

    RecBole hands a model's name, not its class, to where the class is needed. In place of that
    name this one needs no table of classes, in which two of the same name would be mixed up;
    and being the plain name of the class, it names property files, logs and checkpoints.

    A pickle of it holds two strings. Reading it imports nothing; asking for the class does.

    Args:
        name: Name of the class.
        path: Where it is: `module:Class`.
    """

    __module__ = "recbole_fn.user_model"  # checkpoints name it so, whatever the layout
    path: str
    _class: type | None

    def __new__(cls, name: str, path: str) -> "ModelName":
        """A name whose class is imported when it is first needed."""
        named = super().__new__(cls, name)
        named.path, named._class = path, None
        return named

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """What a pickle holds: strings."""
        return ModelName, (str(self), self.path)

    def __deepcopy__(self, memo: Any) -> "ModelName":
        """The name itself: a copy would lose a class that cannot be imported."""
        return self

    @classmethod
    def of(cls, model_class: type, path: str) -> "ModelName":
        """The name of a class, which need not be importable.

        Args:
            model_class: The class.
            path: Where it is.

        Raises:
            InputError: if it is no model.
        """
        require_model(model_class, path)
        named = cls(model_class.__name__, path)
        named._class = model_class
        return named

    def model_class(self) -> type:
        """The class; imported where the name comes out of a checkpoint.

        Raises:
            InputError: if it cannot be imported, or is no model.
        """
        if self._class is None:
            try:
                self._class = import_class(self.path, "model", _is_model)
            except InputError as error:
                raise InputError(
                    f"{error}; let its module be importable, or give the class itself: "
                    f"recbole_fn.load_data_and_model(file, model_class={self})"
                ) from error
        require_model(self._class, self.path)
        return self._class


def find_user_model(model: Any) -> ModelName | None:
    """The name of a user's model class, or None where the model is one of RecBole's.

    Args:
        model: A class, `module:Class`, or a model's name.

    Raises:
        InputError: if the class cannot be imported, or is no model.
    """
    if isinstance(model, ModelName):
        return model
    if isinstance(model, type):
        return ModelName.of(model, f"{model.__module__}:{model.__qualname__}")
    if isinstance(model, str) and ":" in model:
        return ModelName.of(import_class(model, "model", _is_model), model)
    return None


def _is_model(found: Any) -> bool:
    """Whether RecBole can train it: RecBole tells kinds of models by their class's `type`."""
    is_typed = isinstance(found, type) and isinstance(getattr(found, "type", None), ModelType)
    return is_typed and found.__module__ != abstract_recommender.__name__


def require_model(found: Any, path: str) -> None:
    """Checks that something is a model class, and that its trainer is one.

    Args:
        found: What a user gave as a model.
        path: Its name, for the message.

    Raises:
        InputError: if it is not, or is one of RecBole's abstract classes.
    """
    if not _is_model(found):
        raise InputError(
            f"model is {path!r}; it must be a subclass of RecBole's SequentialRecommender, "
            f"and not that class itself"
        )
    trainer_class(found)  # tells of a trainer that is none before any data is read
