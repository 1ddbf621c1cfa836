"""What the `fn_` keys must be, where a range or a list of choices does not say it."""

import re
from collections.abc import Mapping
from typing import Any

from recbole_fn.config.constraints import Constraint, is_integer, is_number
from recbole_fn.utils.errors import InputError

RANKING_SEPARATOR = "/"  # between a metric and its ranking: ndcg@10/uni100


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_ranking(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch("full|unseen|(uni|pop)[1-9][0-9]{0,6}", value) is not None
    return is_integer(value) and 1 <= value < 10_000_000


DECAY = Constraint(
    "a number from 0 up to but not including 1", lambda v: is_number(v) and 0 <= v < 1
)
POSITIVE = Constraint("a number above 0", lambda v: is_number(v) and v > 0)
CLASS = Constraint("a short name or package.module:Class", lambda v: _is_text(v))
ARGUMENTS = Constraint(
    "a mapping of arguments, such as {pool: 400}",
    lambda v: isinstance(v, Mapping) and all(isinstance(name, str) for name in v),
)
CALLBACKS = Constraint(
    "a list of package.module:Class", lambda v: isinstance(v, list) and all(map(_is_text, v))
)
NEG_NUM = Constraint(
    "all or an integer from 1 to 1000000",
    lambda v: v == "all" if isinstance(v, str) else is_integer(v) and 1 <= v <= 1_000_000,
)
COUNT = Constraint(
    "exact or an integer from 1: epochs",
    lambda v: v == "exact" if isinstance(v, str) else is_integer(v) and v >= 1,
)
STRIDE = Constraint(
    "an integer from 1 to MAX_ITEM_LIST_LENGTH, or null for MAX_ITEM_LIST_LENGTH itself",
    lambda v: is_integer(v) and v >= 1,
)
RANKINGS = Constraint(
    "full, unseen, a number of candidates from 1, uni and a number, pop and a number, such as "
    "pop100, or a list of these",
    lambda v: all(map(_is_ranking, v)) and len(v) > 0 if isinstance(v, list) else _is_ranking(v),
)
COLUMN = Constraint("the name of a column", lambda v: _is_text(v))
PATH = Constraint("the path of a file", lambda v: _is_text(v))
START = Constraint(
    "auto, paper or an epoch (an integer of at least 0)",
    lambda v: v in ("auto", "paper") if isinstance(v, str) else is_integer(v) and v >= 0,
)


def unquoted(name: str, value: Any) -> Any:
    """What is meant by a value of a file: YAML reads an `off` without quotes as False.

    Args:
        name: The key.
        value: Its value, as YAML has read it.

    Example:
        >>> unquoted("fn_strategy", False), unquoted("fn_enabled", False)
        ('off', False)
    """
    return "off" if name == "fn_strategy" and value is False else value


def ranking_names(value: object) -> list[str]:
    """The names of the rankings that `fn_eval_also` lists.

    Args:
        value: A value that `RANKINGS` accepts, or None.

    Example:
        >>> ranking_names([100, "pop100"]), ranking_names("full"), ranking_names(None)
        (['uni100', 'pop100'], ['full'], [])
    """
    listed = value if isinstance(value, list) else [value]
    names = [f"uni{one}" if is_integer(one) else str(one) for one in listed if one is not None]
    return list(dict.fromkeys(names))


def check_stride(stride: int | None, longest: int | None) -> None:
    """Checks `fn_window_stride` against `MAX_ITEM_LIST_LENGTH`.

    Args:
        stride: The stride, or None for `longest`.
        longest: The length of the longest list, or None if it is unknown.

    Raises:
        InputError: if a stride is longer than a list.

    Example:
        >>> check_stride(21, 20)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_window_stride is 21; it must be an integer from 1 to
        MAX_ITEM_LIST_LENGTH, or null for MAX_ITEM_LIST_LENGTH itself, which is 20
    """
    if stride is not None and longest is not None and stride > longest:
        raise InputError(
            f"fn_window_stride is {stride}; it must be {STRIDE.description}, which is {longest}"
        )
