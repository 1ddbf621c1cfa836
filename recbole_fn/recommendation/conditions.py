"""Conditions on features of items, such as `genre == Comedy and price < 10`; never evaluated."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.recommendation.loading import Loaded
from recbole_fn.utils.errors import InputError

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
    (?P<value>"[^"]*"|'[^']*'|[^"'=<>]+?)\s*(?:\band\b|$)""",
    re.VERBOSE,
)


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
        if match is None or (match.end() == len(text) and text.rstrip().endswith(" and")):
            raise InputError(
                f"where is {text!r}; it must be FEATURE SIGN VALUE, such as genre == Comedy, with "
                f"one of {' '.join(_OPERATORS)}, and several of them joined by and"
            )
        conditions.append(Condition(match["name"], match["sign"], match["value"].strip("'\"")))
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
        InputError: if the text is no condition, or the .item file lacks the feature.

    Example:
        >>> table = pd.DataFrame({"item_id:token": ["i1", "i2"], "genre:token": ["Comedy", "War"]})
        >>> table.to_csv(folder / "dataset/tiny/tiny.item", sep=chr(9), index=False)
        >>> where_mask(Loaded.of_model(new_run.config, new_run.model), "genre == Comedy").sum()
        tensor(1)
    """
    conditions = parse(text)
    config, items = loaded.config, loaded.dataset.iid_field
    path = Path(config["data_path"]) / f"{config['dataset']}.item"
    types = _types(path, config["field_separator"])
    for condition in conditions:
        _require_feature(condition, types, path)
    names = {items, *(condition.name for condition in conditions)}
    table = pd.read_csv(
        path,
        sep=config["field_separator"],
        usecols=[f"{name}:{types[name]}" for name in names],
        dtype=str,
        keep_default_na=False,
    ).rename(columns=lambda column: column.split(":")[0])
    holds = np.ones(len(table), dtype=bool)
    for one in conditions:
        holds &= _holds(table[one.name], types[one.name], one, config["seq_separator"])
    ids = pd.Index(loaded.item_tokens).get_indexer(pd.Index(table[items][holds]))
    mask = torch.zeros(loaded.dataset.item_num, dtype=torch.bool)
    mask[torch.from_numpy(ids[ids > 0])] = True
    return mask


def _types(path: Path, separator: str) -> dict[str, str]:
    if not path.is_file():
        raise InputError(
            f"where is about features of items, but there is no {str(path)!r}; it must be there, "
            f"or where be left out"
        )
    with path.open(encoding="utf-8") as file:
        columns = file.readline().rstrip("\r\n").split(separator)
    return {name: kind for name, _, kind in (column.partition(":") for column in columns)}


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
