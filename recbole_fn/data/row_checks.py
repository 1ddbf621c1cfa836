"""Checks the rows of a data set's files: ids and timestamps that RecBole would lose or replace."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def require_no_byte_order_mark(path: Path, config: Config) -> None:
    """Refuses a file whose first column RecBole would not find under its name.

    Raises:
        InputError: naming the file and the encoding that reads it.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "tiny.inter")
        ...     _ = path.write_text("user_id:token", encoding="utf-8-sig")
        ...     require_no_byte_order_mark(path, {"encoding": None})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ... it must be 'utf-8-sig'
    """
    with path.open("rb") as file:
        is_marked = file.read(3) == _BYTE_ORDER_MARK
    encoding = config["encoding"] or "utf-8"
    if is_marked and encoding.lower().replace("_", "-") != "utf-8-sig":
        raise InputError(
            f"encoding is {encoding!r}, but data set file {str(path)!r} begins with a byte-order "
            f"mark; it must be 'utf-8-sig'"
        )


def require_fields(path: Path, config: Config) -> None:
    r"""Refuses rows longer than the header, of which RecBole takes the last fields.

    Raises:
        InputError: naming the file and the line.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "tiny.inter")
        ...     _ = path.write_text("user_id:token,item_id:token\n1,5,0.5")
        ...     require_fields(path, {"field_separator": ",", "encoding": None})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ... has 3 fields in line 2, '1,5,0.5'; it must ...
    """
    separator = config["field_separator"]
    with path.open(encoding=config["encoding"] or "utf-8") as file:
        header, first = file.readline(), _first_row(file)
    columns, fields = header.count(separator) + 1, first.rstrip("\n").count(separator) + 1
    if fields > columns and '"' not in first:
        raise InputError(
            f"data set file {str(path)!r} has {fields} fields in line 2, {first.rstrip()!r}; "
            f"it must have {columns}, as the header has"
        )


def require_values(path: Path, config: Config, ids: Sequence[str], may_be_empty: bool) -> None:
    r"""Refuses ids that RecBole reads as missing, and timestamps that are no numbers.

    Args:
        path: The file.
        config: RecBole's configuration.
        ids: Its columns of ids.
        may_be_empty: Whether RecBole drops rows whose id is empty, with a warning.

    Raises:
        InputError: naming the file, the line and the value.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> config = {"TIME_FIELD": "timestamp", "field_separator": ",", "encoding": None}
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "tiny.inter")
        ...     _ = path.write_text("user_id:token,item_id:token\n1,NA")
        ...     require_values(path, config, ["user_id", "item_id"], may_be_empty=False)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: ... has in line 2 the item_id 'NA'; it must be an id ...
    """
    time = config["TIME_FIELD"]
    for column, values in _read(path, config, [*ids, time], as_written=False).items():
        is_time = column == time
        wrong = ~np.isfinite(_numbers(values)) if is_time else values.isna().to_numpy()
        if not wrong.any():
            continue
        written = _read(path, config, [str(column)], as_written=True)[column]
        if may_be_empty and not is_time:
            wrong &= (written != "").to_numpy()
        for row in np.flatnonzero(wrong)[:1]:
            must = (
                "a number" if is_time else "an id that is not read as missing, as NA and null are"
            )
            raise InputError(
                f"data set file {str(path)!r} has in line {_line_of(path, config, row)} the "
                f"{column} {written[row]!r}; it must be {must}"
            )


def has_empty(path: Path, config: Config, column: str) -> bool:
    r"""Whether a column of ids has empty fields.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "tiny.inter")
        ...     _ = path.write_text("user_id:token,item_id:token\n1,")
        ...     has_empty(path, {"field_separator": ",", "encoding": None}, "item_id")
        True
    """
    return bool(_read(path, config, [column], as_written=False)[column].isna().any())


def _numbers(values: pd.Series) -> np.ndarray:
    numbers: np.ndarray = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    return numbers


def _read(path: Path, config: Config, columns: Sequence[str], as_written: bool) -> pd.DataFrame:
    """Columns of a file as texts; a text that RecBole reads as missing is so, or as written."""
    separator = config["field_separator"]
    frame: pd.DataFrame = pd.read_csv(
        path,
        delimiter=separator,
        dtype=str,
        usecols=[cell for cell in _header(path, config) if cell.split(":")[0] in columns],
        encoding=config["encoding"],
        keep_default_na=not as_written,
        engine="c" if len(separator) == 1 else "python",
    )
    return frame.rename(columns=lambda cell: cell.split(":")[0])


def _header(path: Path, config: Config) -> list[str]:
    with path.open(encoding=config["encoding"] or "utf-8") as file:
        cells: list[str] = file.readline().rstrip("\n").split(config["field_separator"])
    return cells


def _first_row(lines: Iterable[str]) -> str:
    return next((line for line in lines if line.strip(" \r\n")), "")


def _line_of(path: Path, config: Config, row: int) -> int:
    """The line of a row; empty lines are no rows."""
    with path.open(encoding=config["encoding"] or "utf-8") as file:
        lines = [number for number, line in enumerate(file, 1) if line.strip(" \r\n")]
    return lines[row + 1]
