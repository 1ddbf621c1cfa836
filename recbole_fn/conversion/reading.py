"""Reads a table of csv, tsv or parquet as texts, and notes which columns hold lists."""

import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.separated import read_separated

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LISTS = (list, tuple, np.ndarray)
_NUMBERS = (int, float, np.integer, np.floating)


def read(path: Path) -> tuple[pd.DataFrame, Mapping[str, str]]:
    """A table whose values are texts, empty where there is none, and the types of its lists.

    Lists of a parquet file become texts with `|` between their entries, as a csv file has them.

    Args:
        path: A .csv, .tsv or .parquet file.

    Raises:
        InputError: if it cannot be read, or a value is neither a text, a number nor a list of them.

    Example:
        >>> table = pd.DataFrame({"item": [7, 8], "tags": [["new", "on sale"], ["new"]]})
        >>> table.to_parquet("items.parquet")
        >>> values, lists = read(Path("items.parquet"))
        >>> values.to_dict("list")
        {'item': ['7', '8'], 'tags': ['new|on_sale', 'new']}
        >>> lists
        {'tags': 'token_seq'}
    """
    try:
        if path.suffix == ".parquet":
            return _texts(pd.read_parquet(path), str(path))
        if path.suffix in _SEPARATORS:
            return read_separated(path, _SEPARATORS[path.suffix]), {}
    except InputError:
        raise
    except Exception as error:  # of pandas, of the engine, of the system
        # pandas and pyarrow name the line or byte; of the system, its reason alone.
        reason = " ".join((getattr(error, "strerror", None) or str(error)).split())
        raise InputError(
            f"{str(path)!r} cannot be read ({reason}); it must be a csv, tsv or parquet file"
        ) from error
    raise InputError(f"{str(path)!r} must be a file that ends with .csv, .tsv or .parquet")


def _texts(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, Mapping[str, str]]:
    lists = {}
    for name in table.select_dtypes(object):
        is_list = table[name].map(lambda value: isinstance(value, _LISTS))
        _require_plain(table[name], file)
        if is_list.any():
            lists[str(name)], table[name] = _joined(table[name].map(_entries))
    # Rows are counted from 1 in messages, whatever index was saved.
    return table.astype("string").fillna("").astype(object).reset_index(drop=True), lists


def _require_plain(values: pd.Series, file: str) -> None:
    """Refuses what has no place in an atomic file: tables and lists within lists."""
    for row, value in enumerate(values, 1):
        entries = list(value) if isinstance(value, _LISTS) else []
        if isinstance(value, dict) or any(_has_parts(entry) for entry in entries):
            raise InputError(
                f"{file!r} has in row {row} of {values.name} the value {value!r}; it must be a "
                f"text, a number, or a list of texts without '|' or of numbers"
            )


def _has_parts(entry: object) -> bool:
    return isinstance(entry, (dict, *_LISTS)) or (isinstance(entry, str) and "|" in entry)


def _entries(value: object) -> list[Any]:
    """The entries of a list that are not missing."""
    entries = list(value) if isinstance(value, _LISTS) else []
    return [entry for entry in entries if not pd.isna(entry)]


def _joined(lists: pd.Series) -> tuple[str, pd.Series]:
    """The type of a column of lists, and its texts.

    pandas reads integers beside missing ones as floats; so floats that are all whole are integers.
    """
    entries = list(chain.from_iterable(lists))
    are_numbers = all(isinstance(one, _NUMBERS) and not isinstance(one, bool) for one in entries)
    are_whole = are_numbers and all(float(one).is_integer() for one in entries)
    is_named = re.search(r"(?i)(id|code)s?$", str(lists.name))
    kind = "float_seq" if are_numbers and not are_whole and not is_named else "token_seq"

    def text(entry: Any) -> str:
        return str(int(entry) if are_whole else entry).replace(" ", "_")

    return kind, lists.map(lambda row: "|".join(map(text, row)))
