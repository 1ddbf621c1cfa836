"""Reads csv and tsv tables as texts, each value in its own column."""

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.errors import ParserError

from recbole_fn.utils.errors import InputError


def read_separated(path: str | Path, separator: str) -> pd.DataFrame:
    r"""A table's values as texts, empty where there is none.

    pandas alone takes the first fields of lines that are longer than the header for an index, and
    so puts each value into the column before its own. Here surplus fields that are empty, as after
    a comma that ends each line, are left out.

    Args:
        path: The file, with a header.
        separator: What stands between two fields.

    Raises:
        InputError: if a line has more values than the header has names.
        Exception: what pandas raises where it cannot read the file.

    Example:
        >>> from pathlib import Path
        >>> _ = Path("sales.csv").write_text("user,item\n07,pen,\n")
        >>> read_separated("sales.csv", ",").to_dict("list")
        {'user': ['07'], 'item': ['pen']}
        >>> _ = Path("sales.csv").write_text("user,item\n07,pen,3\n")
        >>> read_separated("sales.csv", ",")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: 'sales.csv' has 3 fields in line 2, '07,pen,3'; it ...
    """
    try:
        table = _read(path, separator)
        if isinstance(table.index, pd.RangeIndex):
            return table
    except ParserError:
        pass  # a line longer than those before; of other reasons the last reading tells
    width = len(_read(path, separator, nrows=0).columns)
    _require_width(path, separator, width)
    return _read(path, separator, usecols=range(width), index_col=False)


def _read(path: str | Path, separator: str, **reading: Any) -> pd.DataFrame:
    table: pd.DataFrame = pd.read_csv(
        path, sep=separator, dtype=str, keep_default_na=False, **reading
    )
    return table


def _require_width(path: str | Path, separator: str, width: int) -> None:
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=separator)
        for fields in lines:
            if any(fields[width:]):
                raise InputError(
                    f"{str(path)!r} has {len(fields)} fields in line {lines.line_num}, "
                    f"{separator.join(fields)!r}; it must have {width}, as the header has"
                )
