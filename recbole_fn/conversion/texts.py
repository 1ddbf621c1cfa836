"""The values of a column as an atomic file has them."""

import pandas as pd

from recbole_fn.conversion.columns import Column
from recbole_fn.conversion.dates import read_dates
from recbole_fn.utils.errors import InputError


def texts(values: pd.Series, column: Column, file: str) -> pd.Series:
    """The values as an atomic file has them: lists are separated by spaces.

    Where a column of lists has `|`, that separates, and spaces within an entry become `_`; where
    it has none, the spaces are the separators already.

    Args:
        values: The values as texts.
        column: What they become.
        file: The table's file, for messages.

    Raises:
        InputError: if a value is no number where the type is float, or has a tab or a line's end.

    Example:
        >>> kind = Column("genre", "genre", "token_seq", "half have |")
        >>> list(texts(pd.Series(["Sci Fi|War"]), kind, "movies.csv"))
        ['Sci_Fi War']
        >>> list(texts(pd.Series(["new cheap"]), Column("tags", "tags", "token_seq", ""), "a.csv"))
        ['new cheap']
    """
    broken = values.str.contains(r"[\t\r\n]")
    _refuse(broken, values, column, file, "a text without tabs and ends of lines")
    if column.type == "float":
        wrong = (values != "") & pd.to_numeric(values, errors="coerce").isna()
        _refuse(wrong, values, column, file, "a number")
    if column.type.endswith("_seq"):
        is_marked = values.str.contains("|", regex=False)
        lists = values.str.replace(" ", "_").str.replace("|", " ", regex=False)
        has_entries = is_marked | (column.type == "token_seq" and is_marked.any())
        return lists.where(has_entries, values)
    return values


def seconds(values: pd.Series, column: Column, file: str) -> pd.Series:
    """Times as numbers: numbers as they are, dates as seconds since 1970 (UTC).

    Args:
        values: The values as texts.
        column: The column.
        file: The table's file, for messages.

    Raises:
        InputError: if a value is neither, or the order of day and month cannot be told.

    Example:
        >>> column = Column("date", "timestamp", "float", "time")
        >>> list(seconds(pd.Series(["1970-01-02", "1970-01-01 00:00:01.5"]), column, "sales.csv"))
        ['86400', '1.5']
    """
    if pd.to_numeric(values, errors="coerce").notna().all():
        return values
    dates = read_dates(values, column, file)
    must = "a number or a date, such as 2026-03-31 17:05 (--time names the column)"
    _refuse(dates.isna(), values, column, file, must)
    whole = dates.astype("int64")
    return pd.Series([_decimal(one) for one in whole], index=values.index, dtype=str)


def _decimal(nanoseconds: int) -> str:
    """Nanoseconds as seconds, to the last digit."""
    sign, (whole, rest) = "-" * (nanoseconds < 0), divmod(abs(nanoseconds), 10**9)
    return f"{sign}{whole}.{rest:09}".rstrip("0").rstrip(".")


def _refuse(wrong: pd.Series, values: pd.Series, column: Column, file: str, must: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{file!r} has {int(wrong.sum())} wrong values in {column.source}, the first in row "
            f"{row + 1}: {values.iloc[row]!r}; it must be {must}"
        )
