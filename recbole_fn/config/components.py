"""Classes that a property file names, by a short name or a path, with their own arguments."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from recbole_fn.config.constraints import Constraint, check
from recbole_fn.config.import_class import import_class
from recbole_fn.utils.errors import InputError

Part = TypeVar("Part", bound="Component")


@dataclass(frozen=True)
class NoArgs:
    """The arguments of a component that takes none."""


class Component:
    """Base of what a property file can name: a sampler, a loss, a treatment, a callback.

    Attributes:
        name: The short name; the components of a user are named by `package.module:Class`.
        Args: A frozen dataclass whose fields are made by `argument`; it names, types, bounds
            and documents the component's arguments.
    """

    name: ClassVar[str] = ""
    Args: ClassVar[type] = NoArgs


def argument(default: Any, constraint: Constraint, words: str, key: str | None = None) -> Any:
    """A field of a component's `Args`.

    Args:
        default: The value where none is given.
        constraint: What the value must be.
        words: What it means, for the documentation.
        key: An `fn_` key that sets it too, for arguments that are older than components.
    """
    metadata = {"constraint": constraint, "words": words, "key": key}
    return dataclasses.field(default=default, metadata=metadata)


def describe_arguments(part: type[Component]) -> list[str]:
    """The arguments of a component, each in one line.

    Args:
        part: The class.

    Examples:
        >>> from recbole_fn.negatives import FollowerSampler
        >>> describe_arguments(FollowerSampler)[1]
        'items: K, followers of a row at most (20: an integer from 1 to 1000)'
    """
    return [
        f"{field.name}: {field.metadata['words']} "
        f"({field.default}: {field.metadata['constraint'].description})"
        for field in dataclasses.fields(part.Args)
    ]


@dataclass(frozen=True)
class Choice(Generic[Part]):
    """What one key chooses among.

    Attributes:
        key: The key, such as `fn_sampler`; its arguments are in `<key>_args`.
        base: What a class of a user must be a subclass of; it may be abstract.
        known: The classes that have a short name.
    """

    key: str
    base: Any
    known: Sequence[type[Part]]

    @property
    def words(self) -> str:
        """What the key may be."""
        return f"{', '.join(part.name for part in self.known)} or package.module:Class"

    def find(self, name: str) -> type[Part]:
        """The class of a short name, or of a path.

        Raises:
            InputError: if there is none, or it is not a subclass of `base` that can be made.
        """
        for part in self.known:
            if part.name == name:
                return part
        if ":" not in name:
            raise InputError(f"{self.key} is {name!r}; it must be {self.words}")
        found: type[Part] = import_class(name, self.key, self._is_part)
        if not self._is_part(found):
            raise InputError(
                f"{self.key} is {name!r}; it must be a subclass of "
                f"{self.base.__module__}.{self.base.__name__} that has all its abstract methods"
            )
        return found

    def read_args(
        self, part: type[Part], given: Mapping[str, Any] | None, keys: Mapping[str, Any]
    ) -> Any:
        """The arguments of a class, checked.

        Args:
            part: The class.
            given: The value of `<key>_args`; None for none.
            keys: The values of all `fn_` keys, for arguments that have one.

        Returns:
            An instance of the class's `Args`.

        Raises:
            InputError: for an unknown argument, naming the nearest one, and for a value that is
                of the wrong type or out of range.
        """
        fields = {field.name: field for field in dataclasses.fields(part.Args)}
        given, key = dict(given or {}), f"{self.key}_args"
        if given and not fields:
            raise InputError(f"{key} is {given!r}, but {part.__name__} takes none; it must be null")
        constraints = {name: field.metadata["constraint"] for name, field in fields.items()}
        for name, value in given.items():
            check(str(name), value, constraints, f"{key}: ")
        older = {
            name: keys[field.metadata["key"]]
            for name, field in fields.items()
            if field.metadata["key"] is not None
        }
        values = {**older, **{name: value for name, value in given.items() if value is not None}}
        return part.Args(**values)

    def _is_part(self, found: Any) -> bool:
        is_subclass = isinstance(found, type) and issubclass(found, self.base)
        return is_subclass and not getattr(found, "__abstractmethods__", ())
