"""A user's own model class: imported by `module:Class`, checked, and carried by its name."""

from typing import Any, TypeGuard

from recbole.model import abstract_recommender
from recbole.utils import ModelType

from recbole_fn.config.import_class import import_class
from recbole_fn.config.user_trainer import trainer_class
from recbole_fn.utils.errors import InputError


class ModelName(str):
    """The name of a user's model class: a string that knows the class.

    RecBole passes around a model's name and looks up the class where it needs it. With this
    string as the name no table of classes is needed, in which two classes of the same name
    would clash; as a plain string it still names property files, logs and checkpoints.

    A pickle holds two strings. Reading it imports nothing; asking for the class does.

    Args:
        name: Name of the class.
        path: The path of the class, `module:Class`.

    Example:
        >>> name = ModelName("SASRec", "recbole.model.sequential_recommender:SASRec")
        >>> f"{name}.yaml", name.model_class().__name__
        ('SASRec.yaml', 'SASRec')
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
        """A pickle holds the two strings only."""
        return ModelName, (str(self), self.path)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ModelName":
        """The name itself: a copy would lose a class that cannot be imported."""
        return self

    @classmethod
    def of(cls, model_class: type, path: str) -> "ModelName":
        """The name of a class that need not be importable.

        Args:
            model_class: The class.
            path: Its path.

        Raises:
            InputError: if the class is not a model.
        """
        require_model(model_class, path)
        named = cls(model_class.__name__, path)
        named._class = model_class
        return named

    def model_class(self) -> type:
        """The class; imported on first use if the name comes from a checkpoint.

        Raises:
            InputError: if the class cannot be imported, or is not a model.
        """
        if self._class is None:
            try:
                self._class = import_class(self.path, "model", _is_model)
            except InputError as error:  # in our words already
                raise InputError(
                    f"{error}; its module must be importable, or pass the class itself: "
                    f"recbole_fn.load_data_and_model(file, model_class={self})"
                ) from error
        require_model(self._class, self.path)
        return self._class


def find_user_model(model: object) -> ModelName | None:
    """The name of a user's model class, or None for a model of RecBole.

    Args:
        model: A class, `module:Class`, or a model's name.

    Raises:
        InputError: if the class cannot be imported, or is not a model.

    Example:
        >>> find_user_model("recbole.model.sequential_recommender:SASRec")
        'SASRec'
        >>> find_user_model("SASRec") is None
        True
    """
    if isinstance(model, ModelName):
        return model
    if isinstance(model, type):
        return ModelName.of(model, f"{model.__module__}:{model.__qualname__}")
    if isinstance(model, str) and ":" in model:
        return ModelName.of(import_class(model, "model", _is_model), model)
    return None


def _is_model(candidate: object) -> TypeGuard[type]:
    """Whether RecBole can train it: the attribute `type` of a model class names its kind."""
    if not isinstance(candidate, type):
        return False
    is_typed = isinstance(getattr(candidate, "type", None), ModelType)
    return is_typed and candidate.__module__ != abstract_recommender.__name__


def require_model(candidate: object, path: str) -> None:
    """Checks that a user's object is a model class with a valid trainer class.

    Args:
        candidate: The object that the user names as the model.
        path: Its path, for the message.

    Raises:
        InputError: if the object is not a model class, or is an abstract class of RecBole.

    Example:
        >>> require_model(dict, "builtins:dict")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: model is 'builtins:dict'; it must be a subclass of
        RecBole's SequentialRecommender, and not that class itself
    """
    if not _is_model(candidate):
        raise InputError(
            f"model is {path!r}; it must be a subclass of RecBole's SequentialRecommender, "
            f"and not that class itself"
        )
    trainer_class(candidate)  # raises for a wrong trainer before any data is read
