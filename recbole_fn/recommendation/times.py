"""The times of a table of histories, as values that sort by time."""

import pandas as pd

from recbole_fn.utils.errors import InputError

_YEAR_FIRST = r"\s*(?:\d{4}|\d{8})(?!\d)"  # pandas reads "now" as an ISO date too


def ordered_times(column: pd.Series) -> pd.Series:
    """Times that sort as such: numbers as numbers, dates in UTC, never as texts.

    Args:
        column: Numbers, dates, or texts of either; of texts of dates ISO dates alone, since others
            have several readings. A date without an offset is in UTC.

    Raises:
        InputError: if a time is missing, or is no number beside numbers, or no ISO date.

    Example:
        >>> dates = pd.Series(["2024-01-01T10:00+05:00", "2024-01-01T09:00Z"], name="timestamp")
        >>> ordered_times(dates).is_monotonic_increasing  # 5:00 and 9:00 in UTC
        True
        >>> ordered_times(pd.Series(["13/01/2024", "1/3/2024"], name="timestamp"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: histories has 2 of 2 times that are no ISO dates, ...
    """
    if column.dtype.kind in "mM":
        _require(column, column.isna(), "missing", "each row must have one")
        return column
    texts = column.astype(str)  # of a date it is ISO
    is_numeric = column.dtype.kind in "iuf"
    numbers = column if is_numeric else pd.to_numeric(texts, errors="coerce")
    if is_numeric or numbers.notna().any():
        must = f"all of {column.name} must be numbers, or none, such as dates"
        _require(column, numbers.isna(), "no numbers", must)
        return numbers
    _require(column, column.isna() | (texts.str.strip() == ""), "missing", "each row must have one")
    year_first = texts.where(texts.str.match(_YEAR_FIRST), "")
    dates = pd.to_datetime(year_first, errors="coerce", utc=True, format="ISO8601")
    must = f"{column.name} must have numbers, or dates such as 2024-01-31 17:05 or with +02:00"
    _require(column, dates.isna(), "no ISO dates", must)
    return dates


def _require(column: pd.Series, is_wrong: pd.Series, what: str, must: str) -> None:
    wrong = column[is_wrong]
    if len(wrong):
        row = int(is_wrong.to_numpy().argmax()) + 1
        raise InputError(
            f"histories has {len(wrong)} of {len(column)} times that are {what}, the first "
            f"{wrong.iloc[0]!r} in row {row}; {must}"
        )
