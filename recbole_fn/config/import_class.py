"""Imports a user's class by its path `package.module:Class`."""

import importlib
import re
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from recbole_fn.utils.errors import InputError, nearest

_PATH = re.compile(r"(?!\d)\w+(\.(?!\d)\w+)*:(?!\d)\w+(\.(?!\d)\w+)*")


def import_class(path: str, key: str, is_candidate: Callable[[object], bool]) -> Any:
    """Imports the object that a path names.

    Args:
        path: `package.module:Class`.
        key: The key with this path as its value, for the message.
        is_candidate: Whether an object of the module could have been meant; the message names
            the candidate with the most similar name.

    Raises:
        InputError: if the path has another form, or its module is missing, cannot be imported, or
            has no attribute of that name.

    Example:
        >>> import_class("collections:Counter", "my_key", callable).__name__
        'Counter'
        >>> import_class("collections:Conter", "class", lambda value: isinstance(value, type))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: class is 'collections:Conter', but module 'collections'
        has no 'Conter'; the nearest class is Counter
    """
    if not _PATH.fullmatch(path):
        known = "a name of RecBole's" if key == "model" else "a short name"
        raise InputError(f"{key} is {path!r}; it must be {known} or module:Class")
    module_name, attribute = path.split(":")
    module = _import_module(module_name, path, key)
    try:
        return attrgetter(attribute)(module)
    except AttributeError as error:
        raise InputError(
            f"{key} is {path!r}, but module {module_name!r} has no {attribute!r}; "
            f"{_nearest(attribute, module, key, is_candidate)}"
        ) from error


def _import_module(name: str, path: str, key: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # a module may call sys.exit where it is imported
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            where = f"{error.name!r} in {str(Path.cwd())!r} or on Python's path"
            raise InputError(
                f"{key} is {path!r}, but there is no module {where}; it must be module:Class"
            ) from error
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"{key} is {path!r}, but importing {name!r} raises {reason}; it must be importable"
        ) from error


def _nearest(
    attribute: str, module: ModuleType, key: str, is_candidate: Callable[[object], bool]
) -> str:
    names = [name for name, value in vars(module).items() if is_candidate(value)]
    return f"the nearest {key} is {nearest(attribute, names)}" if names else f"it has no {key}"
