"""Subclasses of RecBole's classes that are used only where the package is switched on."""

from typing import Any, ClassVar

from recbole_fn.config.settings import FNSettings


class SwitchedOn:
    """Base of our subclasses; constructs RecBole's plain class unless the config says otherwise.

    RecBole looks classes up by the model's name, before anybody can ask the configuration. The
    class that it finds is one of ours, which decides when an instance is made.

    Attributes:
        fn_plain: The class of RecBole that is constructed while the package is switched off.
    """

    fn_plain: ClassVar[type]

    def __new__(cls, config: Any = None, *args: Any, **kwargs: Any) -> Any:
        """An instance of this class, or of the plain one."""
        # Copying and unpickling call without arguments, for an instance that exists already.
        if config is not None and not FNSettings.from_config(config.final_config_dict).enabled:
            return cls.fn_plain(config, *args, **kwargs)
        return super().__new__(cls)


def subclass_of(ours: type, plain: type) -> type:
    """The class that puts ours before one of RecBole's; the same one at each call.

    It keeps the plain one's name, by which RecBole finds property files and names checkpoints.
    """
    if issubclass(plain, ours):
        return plain
    if (ours, plain) not in _CLASSES:
        body = {"fn_plain": plain, "__module__": plain.__module__, "__doc__": plain.__doc__}
        _CLASSES[ours, plain] = type(plain.__name__, (ours, plain), body)
    return _CLASSES[ours, plain]


_CLASSES: dict[tuple[type, type], type] = {}
