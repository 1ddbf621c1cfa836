"""Subclasses of RecBole's classes that are used only where the package is switched on."""

from typing import Any, ClassVar

from recbole_fn.settings import FNSettings


class SwitchedOn:
    """Mixin of a class of RecBole; constructs the plain class unless the config says otherwise.

    RecBole looks classes up by the model's name, before anybody can ask the configuration. The
    class that it finds is one with this mixin, which decides when an instance is made.
    """

    plain: ClassVar[type]

    def __new__(cls, config: Any = None, *args: Any, **kwargs: Any) -> Any:
        # Copying and unpickling call without arguments, for an instance that exists already.
        if config is not None and not FNSettings.from_config(config.final_config_dict).enabled:
            return cls.plain(config, *args, **kwargs)
        return super().__new__(cls)


def subclass_of(mixin: type, plain: type) -> type:
    """The class of a mixin and one of RecBole's classes; the same one at each call.

    It keeps the plain one's name, by which RecBole finds property files and names checkpoints.
    """
    if issubclass(plain, mixin):
        return plain
    if (mixin, plain) not in _CLASSES:
        body = {"plain": plain, "__module__": plain.__module__, "__doc__": plain.__doc__}
        _CLASSES[mixin, plain] = type(plain.__name__, (mixin, plain), body)
    return _CLASSES[mixin, plain]


_CLASSES: dict[tuple[type, type], type] = {}
