"""Puts our classes in place of RecBole's, but only in runs with `fn_enabled: True`."""

from typing import Any, ClassVar

from recbole_fn.config.settings import FNSettings
from recbole_fn.utils.recbole_types import Config


class SwitchedOn:
    """Base of our subclasses; constructs RecBole's plain class unless `fn_enabled` is True.

    RecBole looks up classes by the model's name, before it reads the configuration. The class
    that it gets is ours; which class is constructed is decided when an instance is made.

    Attributes:
        fn_plain: The class of RecBole that is constructed while the package is switched off.

    Example:
        >>> from types import SimpleNamespace
        >>> class Plain:
        ...     def __init__(self, config): ...
        >>> class Ours(SwitchedOn, Plain): ...
        >>> switched = subclass_of(Ours, Plain)
        >>> type(switched(SimpleNamespace(final_config_dict={"fn_enabled": False}))) is Plain
        True
        >>> isinstance(switched(SimpleNamespace(final_config_dict={"fn_enabled": True})), Ours)
        True
    """

    fn_plain: ClassVar[type]

    def __new__(cls, config: Config | None = None, *args: Any, **kwargs: Any) -> Any:
        """An instance of this class, or of the plain one."""
        # Copying and unpickling call __new__ without arguments; that instance exists already.
        if config is not None and not FNSettings.from_config(config.final_config_dict).enabled:
            return cls.fn_plain(config, *args, **kwargs)
        return super().__new__(cls)


def subclass_of(ours: type, plain: type) -> type:
    """Derives a class from ours and one of RecBole's; the same class at each call.

    The class keeps the name of RecBole's, by which RecBole finds property files and names
    checkpoints.

    Args:
        ours: A subclass of `SwitchedOn`.
        plain: A class of RecBole.

    Example:
        >>> class Plain: ...
        >>> class Ours(SwitchedOn): ...
        >>> subclass_of(Ours, Plain).__name__, subclass_of(Ours, Plain) is subclass_of(Ours, Plain)
        ('Plain', True)
    """
    if issubclass(plain, ours):
        return plain
    if (ours, plain) not in _CLASSES:
        body = {"fn_plain": plain, "__module__": plain.__module__, "__doc__": plain.__doc__}
        _CLASSES[ours, plain] = type(plain.__name__, (ours, plain), body)
    return _CLASSES[ours, plain]


_CLASSES: dict[tuple[type, type], type] = {}
