"""Reads dates; whether their day or their month comes first is decided for a whole column."""

import pandas as pd

from recbole_fn.conversion.columns import Column
from recbole_fn.utils.errors import InputError

# 03/04/2024, 3.4.24, with or without a weekday or a time before it and a time after it
_NUMBERS = r"^(|.*\s)(\d{1,2})([/.-])(\d{1,2})\3(\d{4}|\d{2})(?!\d)(.*)$"
_FIRST, _SECOND, _THIRD = 1, 3, 4  # the groups of its numbers
_ORDERS = (  # the groups of year, month and day
    (_THIRD, _FIRST, _SECOND),
    (_THIRD, _SECOND, _FIRST),
    (_FIRST, _SECOND, _THIRD),
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# What pandas reads in one way only. It gives a time without a date the date of today.
_CLEAR = (
    r"(?i)^\s*(?:\d{4}|\d{8})(?!\d)"  # 2024/3/4 8:26 PM
    r"|(?<=\s)\d{4}-\d{2}-\d{2}(?!\d)"  # 10:00 2024-03-04
    r"|^\d{1,2}[/.-]\d{4}$"  # 03/2024
    rf"|^(?!\s*\d{{1,2}}:).*{_MONTH}"  # 4 March 2024; without a year it is no date to pandas
    rf"|{_MONTH}.*[\s,]\d{{4}}(?!\d)"  # 10:00 4 March 2024
)

# The word after a time of day, as in 10:00 EST
_ZONE = r"(?i)\d:\d{2}[:\d.]*\s*(?:am|pm)?\s*(?!am\b|pm\b)([a-z]{2,5})\b"
_NO_OTHER_ZONE = rf"(?i)utc|gmt|(?:{_MONTH}|mon|tue|wed|thu|fri|sat|sun)[a-z]*"


def read_dates(values: pd.Series, column: Column, file: str) -> pd.Series:
    """Dates in UTC; `NaT` where a value has no date.

    ISO dates are read as such. Of dates such as 03/04/2024 the day or the month comes first in the
    whole column; in dates such as 24-04-03 the year may.

    Args:
        values: The values as texts.
        column: The column.
        file: The table's file, for messages.

    Raises:
        InputError: if several orders fit all dates and differ, or none fits all, or a time zone is
            given by a name other than UTC and GMT.

    Example:
        >>> column = Column("date", "timestamp", "float", "time")
        >>> dates = read_dates(pd.Series(["03.04.2024 17:05", "13.04.2024"]), column, "sales.csv")
        >>> [str(date) for date in dates]
        ['2024-04-03 17:05:00+00:00', '2024-04-13 00:00:00+00:00']
    """
    rows = values.reset_index(drop=True)  # they are counted in messages
    _require_known_zones(rows, column, file)
    has_year_first = rows.str.match(r"\s*\d{4}")  # pandas reads "now" as an ISO date too
    dates = _parsed(rows.where(has_year_first, ""), "ISO8601")
    rest = _with_iso_dates(rows[dates.isna()], column, file)
    clear = rest[rest.str.contains(_CLEAR)]
    return dates.fillna(_parsed(clear, "mixed")).set_axis(values.index)


def _require_known_zones(values: pd.Series, column: Column, file: str) -> None:
    """Pandas reads EST as UTC, or as the machine's own zone if that has such a name."""
    zones = values.str.extract(_ZONE)[0].dropna()
    others = zones[~zones.str.fullmatch(_NO_OTHER_ZONE)]
    if len(others):
        row = int(others.index[0])
        raise InputError(
            f"{file!r} has dates in {column.source} with the time zone {others[row]!r}, the first "
            f"in row {row + 1}: {values[row]!r}; zones must be offsets, such as -05:00"
        )


def _parsed(values: pd.Series, how: str) -> pd.Series:
    dates: pd.Series = pd.to_datetime(values, errors="coerce", utc=True, format=how)
    return dates.astype("datetime64[ns, UTC]")


def _with_iso_dates(values: pd.Series, column: Column, file: str) -> pd.Series:
    """The values with ISO dates in the place of dates of numbers, empty where there is no such."""
    parts = values.str.extract(_NUMBERS).dropna()
    readings = [_reading(parts, order) for order in _ORDERS]
    is_date = pd.concat(readings, axis=1).notna().any(axis=1)
    fitting = [one[is_date] for one in readings if one[is_date].notna().all()]
    if is_date.any() and not fitting:
        raise _none_fits(values, readings, is_date, column, file)
    for other in fitting[1:]:
        if (differs := other != fitting[0]).any():
            raise _several_fit(values, fitting[0][differs], other[differs], column, file)
    made = parts[0] + (fitting[0] if fitting else "") + parts[5]
    return values.where(~values.index.isin(parts.index), made.fillna(""))


def _reading(parts: pd.DataFrame, order: tuple[int, int, int]) -> pd.Series:
    """The ISO dates in an order of the numbers, missing where it gives no date."""
    year, month, day = (parts[group] for group in order)
    is_late = year < "69"  # as in POSIX
    century = is_late.map({True: "20", False: "19"}).where(year.str.len() == 2, "")
    texts = century + year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    dates = pd.to_datetime(texts, errors="coerce", format="%Y-%m-%d")
    return texts.where(dates.notna())


def _several_fit(
    values: pd.Series, one: pd.Series, other: pd.Series, column: Column, file: str
) -> InputError:
    row = int(one.index[0])
    return InputError(
        f"{file!r} has dates in {column.source} that can be read in several orders of day, month "
        f"and year, the first in row {row + 1}: {values[row]!r}; they must be ISO dates, such as "
        f"{one[row]} or {other[row]}"
    )


def _none_fits(
    values: pd.Series, readings: list[pd.Series], is_date: pd.Series, column: Column, file: str
) -> InputError:
    month_first, day_first = (one[is_date].isna().idxmax() for one in readings[:2])
    return InputError(
        f"{file!r} has dates in {column.source} that no one order of day, month and year fits: "
        f"{values[day_first]!r} and {values[month_first]!r}; they must be ISO dates, such as "
        f"2026-03-31"
    )
