"""Which values of a column are feedback of one kind: a comparison or a list, never evaluated."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recbole_fn.config.constraints import Constraint, is_number

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_PATTERN = re.compile(r"\s*(<=|>=|==|!=|<|>)\s*([^\s<>=!].*?)\s*")


@dataclass(frozen=True)
class Condition:
    """A condition on a value: it equals one of `values`, or a comparison with the only one.

    Attributes:
        comparison: `<=`, `>=`, `==`, `!=`, `<` or `>`; `==` for a list.
        values: What values are compared with, as texts.

    Example:
        >>> Condition.of("<= 2")
        Condition(comparison='<=', values=('2',))
        >>> Condition.of(["skip", "dislike"])
        Condition(comparison='==', values=('skip', 'dislike'))
    """

    comparison: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, value: object) -> "Condition":
        """Parses the value of a key.

        Args:
            value: A comparison such as `"<= 2"`, or a list of numbers and texts.

        Raises:
            ValueError: if it is neither.
        """
        if isinstance(value, str):
            match = _PATTERN.fullmatch(value)
            if match is None:
                raise ValueError(f"{value!r} is no comparison")
            return cls(match[1], (match[2],))
        if isinstance(value, list) and value and all(map(_is_value, value)):
            return cls("==", tuple(str(one).strip() for one in value))
        raise ValueError(f"{value!r} is neither a comparison nor a list")

    @property
    def orders(self) -> bool:
        """Whether it compares sizes, which only numbers have."""
        return self.comparison in ("<", "<=", ">", ">=")

    def holds(self, value: object) -> bool:
        """Whether a value fulfils the condition; a number is compared as a number.

        Args:
            value: A number or a text.

        Raises:
            ValueError: if a number is compared with a text.

        Example:
            >>> Condition.of("<= 2").holds(2.0), Condition.of("!= skip").holds("skip")
            (True, False)
        """
        convert = float if isinstance(value, (int, float)) else str
        compare = _COMPARISONS[self.comparison]
        return any(bool(compare(value, convert(one))) for one in self.values)


def _is_value(value: object) -> bool:
    return is_number(value) or (isinstance(value, str) and bool(value.strip()))


def _is_condition(value: object) -> bool:
    try:
        Condition.of(value)
    except ValueError:
        return False
    return True


CONDITION = Constraint(
    'one comparison such as "<= 2" or "== skip", or a list of values such as [1, 2]', _is_condition
)
