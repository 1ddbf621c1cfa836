"""What a key may be, in a test and in words, and how keys of a frozen class are checked."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recbole_fn.utils.errors import InputError, nearest


@dataclass(frozen=True)
class Constraint:
    """What a key may be: a test for a value, and the same in words."""

    description: str
    accepts: Callable[[Any], bool]


def is_integer(value: Any) -> bool:
    """Whether a value is an integer; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return (is_integer(value) or isinstance(value, float)) and math.isfinite(value)


def integer(low: int, high: int) -> Constraint:
    """The integers from `low` to `high`."""
    return Constraint(
        f"an integer from {low} to {high}", lambda v: is_integer(v) and low <= v <= high
    )


def one_of(*choices: Any) -> Constraint:
    """Some values, of these types."""
    words = " or ".join(str(choice) for choice in choices)
    return Constraint(words, lambda v: any(type(v) is type(c) and v == c for c in choices))


BOOLEAN = one_of(True, False)
FRACTION = Constraint("a number from 0 to 1", lambda v: is_number(v) and 0 <= v <= 1)
NON_NEGATIVE = Constraint("a number of at least 0", lambda v: is_number(v) and v >= 0)


def key(default: Any, constraint: Constraint) -> Any:
    """A field of a frozen class of keys."""
    return dataclasses.field(default=default, metadata={"constraint": constraint})


def constraints_of(keys: type, prefix: str) -> dict[str, Constraint]:
    """The constraint of each key of such a class.

    Args:
        keys: A dataclass whose fields are made by `key`.
        prefix: What its fields' names lack.
    """
    return {prefix + field.name: field.metadata["constraint"] for field in dataclasses.fields(keys)}


def check(name: str, value: Any, constraints: Mapping[str, Constraint], where: str = "") -> None:
    """Checks a key; null, which stands for the default, is always allowed.

    Args:
        name: The key.
        value: Its value.
        constraints: All keys that there are.
        where: What the key is a part of, for the message.

    Raises:
        InputError: for an unknown key (naming the nearest known one), and for a value that is of
            the wrong type or out of range.
    """
    if name not in constraints:
        known = nearest(name, constraints)
        raise InputError(f"{where}unknown key {name} ({value!r}); the nearest known key is {known}")
    if value is not None and not constraints[name].accepts(value):
        raise InputError(f"{where}{name} is {value!r}; it must be {constraints[name].description}")
