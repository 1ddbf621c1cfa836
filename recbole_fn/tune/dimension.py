"""A key that is searched over, and the values that it may have."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from recbole_fn.config.constraints import is_integer, is_number
from recbole_fn.config.key_constraints import unquoted
from recbole_fn.utils.errors import InputError

Keys = dict[str, Any]
LISTS = ("choice", "grid")
_RANGES = {"uniform": 2, "loguniform": 2, "randint": 2, "quniform": 3}
KINDS = (*LISTS, *_RANGES)
_WORDS = (
    "{choice: [...]}, {grid: [...]}, {uniform: [low, high]}, {loguniform: [low, high]}, "
    "{quniform: [low, high, step]} or {randint: [low, above the highest]}"
)


@dataclass(frozen=True)
class Dimension:
    """A key that is searched over.

    Attributes:
        name: The key; a key within a key of RecBole is `outer.inner`.
        kind: One of `KINDS`.
        values: The values of a list; low and high of a range, then the step.

    Examples:
        >>> Dimension("learning_rate", "loguniform", (0.0001, 0.01)).extremes
        (0.0001, 0.01)
        >>> Dimension("layers", "randint", (1, 4)).extremes
        (1, 3)
        >>> Dimension("size", "quniform", (10, 40, 16)).extremes
        (16, 32)
    """

    name: str
    kind: str
    values: tuple[Any, ...]

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Values that may be drawn, such that the others are of their type and between them."""
        if self.kind in LISTS:
            return self.values
        low, high = self.values[:2]
        if self.kind == "quniform":
            first, last = self.multiples
            return self.multiple(first), self.multiple(last)
        return (low, high - 1) if self.kind == "randint" else (float(low), float(high))

    @property
    def multiples(self) -> tuple[int, int]:
        """The first and the last n of which n steps lie in the range of a `quniform`."""
        low, high, step = map(_exact, self.values)
        return math.ceil(low / step), math.floor(high / step)

    def multiple(self, number: int) -> int | float:
        """So many steps of a `quniform`; an integer where low, high and step are.

        Args:
            number: How many.
        """
        value = number * _exact(self.values[2])
        return int(value) if all(map(is_integer, self.values)) else float(value)


def dimensions(space: Mapping[str, Any]) -> list[Dimension]:
    """The keys of a space.

    Args:
        space: For each key a mapping of one of `KINDS` to its values; null leaves a key out.

    Raises:
        InputError: for a bad range, and for a space without keys.

    Examples:
        >>> dimensions({"m": {"choice": [2, 5]}, "epochs": None})
        [Dimension(name='m', kind='choice', values=(2, 5))]
    """
    searched = [_dimension(str(name), of) for name, of in space.items() if of is not None]
    if not searched:
        raise InputError(f"the space is empty; it must have at least one key with {_WORDS}")
    return searched


def _exact(number: float) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def _dimension(name: str, choices: Any) -> Dimension:
    if not isinstance(choices, Mapping) or len(choices) != 1 or next(iter(choices)) not in KINDS:
        raise InputError(f"{name} of the space is {choices!r}; it must be {_WORDS}")
    ((kind, values),) = choices.items()
    where = f"{name} of the space is {kind}: {values!r}"
    if not isinstance(values, (list, tuple)) or not values:
        raise InputError(f"{where}; it must be a list that is not empty")
    if kind in _RANGES:
        _require_range(where, kind, values)
    return Dimension(name, kind, tuple(unquoted(name, value) for value in values))


def _require_range(where: str, kind: str, values: Sequence[Any]) -> None:
    numbers: Callable[[Any], bool] = is_integer if kind == "randint" else is_number
    if len(values) != _RANGES[kind] or not all(map(numbers, values)):
        what = "integers" if kind == "randint" else "numbers"
        raise InputError(f"{where}; they must be {_RANGES[kind]} {what}")
    low, high = values[:2]
    if not low < high:
        raise InputError(f"{where}; the low must be below the high")
    if kind == "loguniform" and low <= 0:
        raise InputError(f"{where}; the low must be above 0")
    if kind == "quniform":
        _require_multiple(where, values)


def _require_multiple(where: str, values: Sequence[Any]) -> None:
    if values[2] > 0:
        first, last = Dimension("", "quniform", tuple(values)).multiples
        if first <= last:
            return
    raise InputError(
        f"{where}; the step must be above 0 and fit between low and high, where a multiple of it "
        f"must lie"
    )
