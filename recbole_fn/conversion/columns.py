"""What each column of a table becomes in an atomic file: its name, its type, and its texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from recbole_fn.utils.errors import InputError, nearest

TYPES = ("token", "float", "token_seq", "float_seq")
# Names that mean users, items and times in common data sets, lower case and without other signs.
_KNOWN = {
    "user": (
        "userid",
        "user",
        "uid",
        "customerid",
        "customer",
        "sessionid",
        "session",
        "visitorid",
    ),
    "item": ("itemid", "item", "iid", "productid", "product", "articleid", "article", "movieid"),
    "time": ("timestamp", "time", "datetime", "date", "eventtime", "ts", "createdat", "tdat"),
}


@dataclass(frozen=True)
class Column:
    """A column of an atomic file.

    Attributes:
        source: Its name in the table.
        name: Its name in the file.
        type: `token`, `float`, `token_seq` or `float_seq`.
        reason: Why it has this type, for people.

    Example:
        >>> Column("price", "price", "float", "all are numbers").header
        'price:float'
    """

    source: str
    name: str
    type: str
    reason: str

    @property
    def header(self) -> str:
        """The name with the type, as RecBole reads it."""
        return f"{self.name}:{self.type}"


def find_column(table: pd.DataFrame, role: str, asked: str | None, file: str) -> str:
    """The column of users, items or times.

    Args:
        table: The table.
        role: `user`, `item` or `time`.
        asked: The name that the user gives; None to guess.
        file: The table's file, for messages.

    Raises:
        InputError: if there is no such column, or none with a known name.

    Example:
        >>> find_column(pd.DataFrame(columns=["Customer ID", "t"]), "user", None, "sales.csv")
        'Customer ID'
    """
    columns = [str(name) for name in table.columns]
    if asked is not None:
        if asked not in columns:
            raise InputError(
                f"{role} is {asked!r}; it must be a column of {file!r}: {', '.join(columns)}, of "
                f"which {nearest(asked, columns)} is the nearest"
            )
        return asked
    by_name = {re.sub(r"[^a-z]", "", name.split(":")[0].lower()): name for name in columns}
    for known in _KNOWN[role]:
        if known in by_name:
            return by_name[known]
    raise InputError(
        f"{file!r} has the columns {', '.join(columns)}, none of which is known to be that of the "
        f"{role}; --{role} must name it"
    )


def guess(column: pd.Series, asked: str | None = None, lists: str | None = None) -> Column:
    """The type of a feature.

    Lists have their type. Numbers are `float`, unless the name ends with id or code; texts with
    `|` in half of their values are lists, `token_seq`; other texts are `token`.

    Args:
        column: Its values as texts, empty where there is none.
        asked: The type that the user gives; None to guess.
        lists: The type of its lists, if the table has lists there.

    Raises:
        InputError: if the type is none of RecBole's.

    Example:
        >>> guess(pd.Series(["3.5", "", "7"], name="price"))
        Column(source='price', name='price', type='float', reason='all are numbers')
        >>> guess(pd.Series(["Comedy|Drama", "Comedy|War"], name="my genres")).header
        'my_genres:token_seq'
    """
    source = str(column.name)
    name = re.sub(r"[^\w.-]+", "_", source.split(":")[0]).strip("_")
    if asked is not None:
        if asked not in TYPES:
            raise InputError(
                f"type of {source!r} is {asked!r}; it must be one of {', '.join(TYPES)}"
            )
        return Column(source, name, asked, "asked for")
    if lists is not None:
        return Column(source, name, lists, "has lists")
    values = column[column != ""]
    if re.search(r"(?i)(id|code)$", source):
        return Column(source, name, "token", "its name says so")
    if len(values) and pd.to_numeric(values, errors="coerce").notna().all():
        return Column(source, name, "float", "all are numbers")
    if len(values) and values.str.contains("|", regex=False).mean() >= 0.5:
        return Column(source, name, "token_seq", "half have |")
    return Column(source, name, "token", "texts")


def asked_types(text: str | None, columns: Sequence[str]) -> Mapping[str, str]:
    """The types that a user gives, such as `zip=token,tags=token_seq`.

    Raises:
        InputError: if a part is no NAME=TYPE, or names no column.

    Example:
        >>> asked_types("zip=token", ["zip", "price"])
        {'zip': 'token'}
    """
    types = {}
    for part in (text or "").split(","):
        name, sign, kind = part.partition("=")
        if part and (not sign or name not in columns):
            raise InputError(
                f"types has {part!r}; it must be NAME=TYPE with a column of {', '.join(columns)}"
            )
        types.update({name: kind} if part else {})
    return types
