"""What a key must be: a test of its value, and a description for messages."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

from recbole_fn.utils.errors import InputError, nearest

Default = TypeVar("Default")


@dataclass(frozen=True)
class Constraint:
    """What a key must be.

    Attributes:
        description: What the value must be, for messages and the documentation.
        accepts: Whether a value satisfies the constraint.

    Example:
        >>> even = Constraint("an even integer", lambda v: is_integer(v) and v % 2 == 0)
        >>> even.accepts(4), even.accepts("4")
        (True, False)
    """

    description: str
    accepts: Callable[[object], bool]


def is_integer(value: object) -> TypeGuard[int]:
    """Whether a value is an integer; True and False are not.

    Args:
        value: Any object.

    Example:
        >>> is_integer(1), is_integer(True), is_integer(1.0)
        (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number; True and False are not.

    Args:
        value: Any object.

    Example:
        >>> is_number(0.5), is_number(float("inf")), is_number("1")
        (True, False, False)
    """
    return (is_integer(value) or isinstance(value, float)) and math.isfinite(value)


def integer(low: int, high: int) -> Constraint:
    """Integers in a range.

    Args:
        low: The smallest.
        high: The largest.

    Example:
        >>> integer(1, 9).description
        'an integer from 1 to 9'
    """
    return Constraint(
        f"an integer from {low} to {high}", lambda v: is_integer(v) and low <= v <= high
    )


def one_of(*choices: object) -> Constraint:
    """A fixed set of values; a value must have the same type as the choice.

    Args:
        *choices: The values.

    Example:
        >>> one_of("auto", 1).description, one_of(1).accepts(True)
        ('auto or 1', False)
    """
    description = " or ".join(str(choice) for choice in choices)
    return Constraint(description, lambda v: any(type(v) is type(c) and v == c for c in choices))


BOOLEAN = one_of(True, False)
FRACTION = Constraint("a number from 0 to 1", lambda v: is_number(v) and 0 <= v <= 1)
NON_NEGATIVE = Constraint("a number of at least 0", lambda v: is_number(v) and v >= 0)


def key(default: Default, constraint: Constraint) -> Default:
    """A field of a frozen dataclass of keys.

    Args:
        default: The value of a key that is absent or null.
        constraint: What the value must be.

    Example:
        >>> @dataclass(frozen=True)
        ... class Keys:
        ...     depth: int = key(3, integer(1, 9))
        >>> Keys()
        Keys(depth=3)
    """
    return dataclasses.field(default=default, metadata={"constraint": constraint})


def constraints_of(keys: type, prefix: str) -> dict[str, Constraint]:
    """The constraint of each key of such a class.

    Args:
        keys: A dataclass with fields made by `key`.
        prefix: What the keys begin with and the fields' names lack, such as `fn_`.

    Example:
        >>> @dataclass(frozen=True)
        ... class Keys:
        ...     depth: int = key(3, integer(1, 9))
        >>> list(constraints_of(Keys, "my_"))
        ['my_depth']
    """
    return {prefix + field.name: field.metadata["constraint"] for field in dataclasses.fields(keys)}


def check(name: str, value: object, constraints: Mapping[str, Constraint], where: str = "") -> None:
    """Checks a key; null stands for the default and is always accepted.

    Args:
        name: The key.
        value: Its value.
        constraints: The constraint of each known key.
        where: What the key is a part of, for the message.

    Raises:
        InputError: for an unknown key (naming the nearest known one), and for a value of the
            wrong type or out of range.

    Example:
        >>> check("my_depth", 10, {"my_depth": integer(1, 9)})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: my_depth is 10; it must be an integer from 1 to 9
    """
    if name not in constraints:
        known = nearest(name, constraints)
        raise InputError(f"{where}unknown key {name} ({value!r}); the nearest known key is {known}")
    if value is not None and not constraints[name].accepts(value):
        raise InputError(f"{where}{name} is {value!r}; it must be {constraints[name].description}")
