"""Reads columns of a data set's .item file in the encoding of the run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from recbole.config import Config

from recbole_fn.utils.errors import InputError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def column_types(path: Path, config: Config) -> dict[str, str]:
    r"""The type of each column, such as `float`.

    Args:
        path: The file.
        config: Of it, `encoding` and `field_separator` are read.

    Raises:
        InputError: if there is no such file, or its encoding is another.

    Example:
        >>> path = folder / "films.item"
        >>> _ = path.write_text("item_id:token,price:float\n", encoding="utf-8-sig")
        >>> column_types(path, {"encoding": None, "field_separator": ","})
        {'item_id': 'token', 'price': 'float'}
    """
    if not path.is_file():
        raise InputError(
            f"where is about features of items, but there is no {str(path)!r}; it must be there, "
            f"or where be left out"
        )
    encoding = _encoding(path, config)
    with _decoding(path, encoding), path.open(encoding=encoding) as file:
        columns = file.readline().rstrip("\r\n").split(config["field_separator"])
    return {name: kind for name, _, kind in (column.partition(":") for column in columns)}


def read_columns(
    path: Path, config: Config, types: dict[str, str], names: Iterable[str]
) -> pd.DataFrame:
    r"""Columns as texts; an empty cell is an empty text.

    Args:
        path: The file.
        config: Of it, `encoding` and `field_separator` are read.
        types: See `column_types`.
        names: The columns.

    Raises:
        InputError: if a column is missing, or the file's encoding is another.

    Example:
        >>> path, config = folder / "films.item", {"encoding": "latin-1", "field_separator": ","}
        >>> _ = path.write_text("item_id:token,price:float\ni1,9\n", encoding="latin-1")
        >>> read_columns(path, config, column_types(path, config), ["item_id", "price"])
          item_id price
        0      i1     9
    """
    names, encoding = set(names), _encoding(path, config)
    if missing := names - set(types):
        raise InputError(
            f"{str(path)!r} has the columns {', '.join(types)}; it must have "
            f"{' and '.join(sorted(missing))}"
        )
    with _decoding(path, encoding):
        return pd.read_csv(
            path,
            sep=config["field_separator"],
            usecols=[f"{name}:{types[name]}" for name in names],
            dtype=str,
            keep_default_na=False,
            encoding=encoding,
        ).rename(columns=lambda column: column.split(":")[0])


def _encoding(path: Path, config: Config) -> str:
    """The run's; a file that begins with a byte-order mark says its own."""
    with path.open("rb") as file:
        is_marked = file.read(3) == _BYTE_ORDER_MARK
    return "utf-8-sig" if is_marked else config["encoding"] or "utf-8"


@contextmanager
def _decoding(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(
            f"encoding is {encoding!r}, in which {str(path)!r} cannot be read; it must be the "
            f"encoding of that file"
        ) from error
