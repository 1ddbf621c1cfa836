"""Conditions on features of items, such as `genre == Comedy and price < 10`; never evaluated."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from recbole.config import Config
from torch import Tensor

from recbole_fn.recommendation.item_file import column_types, read_columns
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import ids_of
from recbole_fn.utils.errors import InputError, nearest

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(
    r"""\s*(?P<name>[\w.-]+)\s*(?P<sign>==|!=|<=|>=|<|>)\s*
    (?P<value>"[^"]*"|'[^']*'|[^"'=<>]+?)\s*(?:(?P<more>\band\b)|$)""",
    re.VERBOSE,
)
_COMPARED = 1000  # most frequent values that a mistyped one is compared with


@dataclass(frozen=True)
class Condition:
    """A feature that is compared with a value.

    Attributes:
        name: The feature.
        sign: `==`, `!=`, `<`, `<=`, `>` or `>=`.
        value: What it is compared with, as it is written.

    Example:
        >>> parse("genre == 'Sci Fi' and price <= 10")
        [Condition(name='genre', sign='==', value='Sci Fi'),
         Condition(name='price', sign='<=', value='10')]
    """

    name: str
    sign: str
    value: str


def parse(text: str) -> list[Condition]:
    """Reads conditions that are joined by `and`.

    Args:
        text: The conditions; a value with the word `and` stands in quotes.

    Raises:
        InputError: if a part is no condition.

    Example:
        >>> parse("__import__('os')")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: where is "__import__('os')"; it must be ...
    """
    conditions: list[Condition] = []
    place = 0
    while place < len(text) or not conditions:
        match = _CONDITION.match(text, place)
        if match is None or (match["more"] and not text[match.end() :].strip()):
            raise InputError(
                f"where is {text!r}; it must be FEATURE SIGN VALUE, such as genre == Comedy, with "
                f"one of {' '.join(_OPERATORS)}, and several of them joined by and"
            )
        value = match["value"]
        # Quotes within the outer pair, as in "Drivin'", belong to the value.
        value = value[1:-1] if value[:1] in ("'", '"') else value
        conditions.append(Condition(match["name"], match["sign"], value))
        place = match.end()
    return conditions


def where_mask(loaded: Loaded, text: str) -> Tensor:
    """A mask of the items whose features are as the conditions ask, shape [num_items].

    A feature of type `token_seq` equals a value if one of its tokens does. An item without a row
    in the .item file, or without the feature, satisfies no condition.

    Args:
        loaded: The model and its data.
        text: See `parse`.

    Raises:
        InputError: if the text is no condition, the .item file lacks the feature or cannot be
            read, or no item satisfies the conditions. A token that no item has is warned of.

    Example:
        >>> table = pd.DataFrame({"item_id:token": ["i1", "i2"], "genre:token": ["Comedy", "War"]})
        >>> table.to_csv(folder / "dataset/tiny/tiny.item", sep=chr(9), index=False)
        >>> where_mask(Loaded.of_model(new_run.config, new_run.model), "genre == Comedy").sum()
        tensor(1)
    """
    conditions, config = parse(text), loaded.config
    path = Path(config["data_path"]) / f"{config['dataset']}.item"
    types = column_types(path, config)
    for condition in conditions:
        _require_feature(condition, types, path)
    items = loaded.dataset.iid_field
    table = read_columns(path, config, types, [items, *(one.name for one in conditions)])
    ids = ids_of(table[items], loaded.item_tokens)
    table, ids = table[ids > 0], ids[ids > 0]
    holds = np.ones(len(table), dtype=bool)
    for one in conditions:
        holds &= _holds(table[one.name], types[one.name], one, config["seq_separator"])
    hints = [_hint(table[one.name], types[one.name], one, config) for one in conditions]
    _tell(text, bool(holds.any()), [hint for hint in hints if hint])
    mask = torch.zeros(loaded.dataset.item_num, dtype=torch.bool)
    mask[torch.from_numpy(ids[holds])] = True
    return mask


def _tell(text: str, is_satisfied: bool, hints: Sequence[str]) -> None:
    """Refuses conditions that leave no item; warns of values that no item has."""
    if not is_satisfied:
        reason = f" ({'; '.join(hints)})" if hints else ""
        raise InputError(
            f"where is {text!r}, which no item satisfies{reason}; it must leave at least one item "
            f"of the data set"
        )
    for hint in hints:
        getLogger().warning(f"where is {text!r}, but {hint}")


def _hint(column: pd.Series, kind: str, condition: Condition, config: Config) -> str:
    """What is wrong with a value that no item has, with the nearest; else an empty text."""
    if kind == "float" or not condition.value:
        return ""
    if kind == "token_seq":
        column = column.str.split(config["seq_separator"], regex=False).explode()
    known = column[column != ""].value_counts().index
    if condition.value in known or not len(known):
        return ""
    lower = condition.value.lower()
    same = [one for one in known if one.lower() == lower]
    # The resemblance of a million titles takes minutes.
    close = nearest(condition.value, same or known[:_COMPARED])
    return f"no item has the {condition.name} {condition.value!r}, the nearest is {close!r}"


def _require_feature(condition: Condition, types: dict[str, str], path: Path) -> None:
    if condition.name not in types:
        raise InputError(
            f"where names the feature {condition.name!r}; it must be one of {', '.join(types)}, "
            f"which {str(path)!r} has"
        )
    if types[condition.name] == "float":
        _number(condition)
    elif condition.sign not in ("==", "!=") or types[condition.name] == "float_seq":
        raise InputError(
            f"where compares {condition.name} by {condition.sign}; its type is "
            f"{types[condition.name]}, so it must be a float, or == or != with tokens"
        )


def _number(condition: Condition) -> float:
    try:
        return float(condition.value)
    except ValueError:
        raise InputError(
            f"where compares {condition.name} with {condition.value!r}; it must be a number"
        ) from None


def _holds(column: pd.Series, kind: str, condition: Condition, separator: str) -> np.ndarray:
    compare = _OPERATORS[condition.sign]
    has_value = (column != "").to_numpy()
    if kind == "float":
        numbers = pd.to_numeric(column, errors="coerce")
        has_value = has_value & numbers.notna().to_numpy()  # a text such as nan is none
        holds: np.ndarray = compare(numbers, _number(condition)).to_numpy()
    elif kind == "token_seq":
        has = [condition.value in text.split(separator) for text in column]
        holds = np.array(has, dtype=bool) == (condition.sign == "==")
    else:
        holds = compare(column, condition.value).to_numpy()
    return holds & has_value
