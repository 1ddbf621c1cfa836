"""Samplers, losses, treatments and callbacks, chosen by name in a property file."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from recbole_fn.config.constraints import Constraint, check
from recbole_fn.config.import_class import import_class
from recbole_fn.utils.errors import InputError

Part = TypeVar("Part", bound="Component")
Default = TypeVar("Default")


@dataclass(frozen=True)
class NoArgs:
    """The arguments of a component that takes none.

    Example:
        >>> NoArgs()
        NoArgs()
    """


class Component:
    """Base of everything a property file can name: sampler, loss, treatment, callback.

    Attributes:
        name: The short name. A user's own component is named by `package.module:Class`.
        Args: A frozen dataclass with fields made by `argument`; it names, types, bounds and
            documents the component's arguments.
        args: The arguments of an instance, of type `Args`.

    Example:
        >>> from recbole_fn.config.constraints import integer
        >>> class Greeting(Component):
        ...     name = "greeting"
        ...
        ...     @dataclass(frozen=True)
        ...     class Args:
        ...         times: int = argument(1, integer(1, 9), "how often it greets")
        >>> describe_arguments(Greeting)
        ['times: how often it greets (1: an integer from 1 to 9)']
    """

    name: ClassVar[str] = ""
    Args: ClassVar[type] = NoArgs
    args: Any


def argument(
    default: Default, constraint: Constraint, meaning: str, key: str | None = None
) -> Default:
    """A field of a component's `Args`.

    Args:
        default: The value of an argument that is left out.
        constraint: What the value must be.
        meaning: What the argument does, for the documentation.
        key: An `fn_` key that sets the argument too; for keys older than components.

    Example:
        >>> from recbole_fn.config.constraints import integer
        >>> @dataclass(frozen=True)
        ... class Args:
        ...     pool: int = argument(400, integer(1, 10_000), "items drawn for each row")
        >>> Args(pool=50)
        Args(pool=50)
    """
    metadata = {"constraint": constraint, "meaning": meaning, "key": key}
    return dataclasses.field(default=default, metadata=metadata)


def describe_arguments(part: type[Component]) -> list[str]:
    """One line for each argument of a component.

    Args:
        part: The class.

    Example:
        >>> from recbole_fn.negatives import FollowerSampler
        >>> describe_arguments(FollowerSampler)[1]
        'items: K, the most followers of a row (20: an integer from 1 to 1000)'
    """
    return [
        f"{field.name}: {field.metadata['meaning']} "
        f"({field.default}: {field.metadata['constraint'].description})"
        for field in dataclasses.fields(part.Args)
    ]


@dataclass(frozen=True)
class Choice(Generic[Part]):
    """The components that one key chooses from.

    Attributes:
        key: The key, such as `fn_sampler`; `<key>_args` holds the arguments.
        base: The base class of a user's own component; it may be abstract.
        known: The classes with a short name.

    Example:
        A class of the user's own is named by its path; the class is imported and checked:

        >>> class Loud(Component):
        ...     name = "loud"
        >>> choice = Choice("fn_voice", Component, [Loud])
        >>> choice.find("loud").__name__
        'Loud'
        >>> choice.find("recbole_fn.negatives.uniform:UniformSampler").__name__
        'UniformSampler'
        >>> choice.find("quiet")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_voice is 'quiet'; it must be loud or
        package.module:Class
    """

    key: str
    base: type
    known: Sequence[type[Part]]

    @property
    def description(self) -> str:
        """What the key must be."""
        return f"{', '.join(part.name for part in self.known)} or package.module:Class"

    def find(self, name: str) -> type[Part]:
        """The class with a short name or a path.

        Args:
            name: A short name, or `package.module:Class`.

        Raises:
            InputError: if there is no such class, or it is not a concrete subclass of `base`.
        """
        for known in self.known:
            if known.name == name:
                return known
        if ":" not in name:
            raise InputError(f"{self.key} is {name!r}; it must be {self.description}")
        part: type[Part] = import_class(name, self.key, self._is_part)
        if not self._is_part(part):
            raise InputError(
                f"{self.key} is {name!r}; it must be a subclass of "
                f"{self.base.__module__}.{self.base.__name__} that has all its abstract methods"
            )
        return part

    def read_args(
        self, part: type[Part], arguments: Mapping[str, Any] | None, keys: Mapping[str, Any]
    ) -> Any:
        """Checks the arguments of a class.

        Args:
            part: The class.
            arguments: The value of `<key>_args`; None for no arguments.
            keys: The values of all `fn_` keys, for arguments that a key sets.

        Returns:
            An instance of the class's `Args`.

        Raises:
            InputError: for an unknown argument (naming the nearest one), and for a value of the
                wrong type or out of range.
        """
        fields = {field.name: field for field in dataclasses.fields(part.Args)}
        arguments, key = dict(arguments or {}), f"{self.key}_args"
        if arguments and not fields:
            raise InputError(
                f"{key} is {arguments!r}, but {part.__name__} takes none; it must be null"
            )
        constraints = {name: field.metadata["constraint"] for name, field in fields.items()}
        for name, value in arguments.items():
            check(str(name), value, constraints, f"{key}: ")
        from_keys = {
            name: keys[field.metadata["key"]]
            for name, field in fields.items()
            if field.metadata["key"] is not None
        }
        values = {
            **from_keys,
            **{name: value for name, value in arguments.items() if value is not None},
        }
        return part.Args(**values)

    def _is_part(self, imported: object) -> bool:
        is_subclass = isinstance(imported, type) and issubclass(imported, self.base)
        return is_subclass and not getattr(imported, "__abstractmethods__", ())
