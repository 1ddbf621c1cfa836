"""The rows of a data set's files as they are written, with their lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recbole_fn.utils.recbole_types import Config


@dataclass(frozen=True)
class FileRows:
    r"""The rows of one file.

    Attributes:
        path: The file.
        types: The type of each column, such as token.
        cells: The texts as they are written, a column for each of `types`.
        missing: Which of them RecBole reads as missing, in the shape of `cells`.
        encoding: The encoding of the file.
        source: What the file holds, as `load_col` names it: inter, item or user.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "tiny.inter")
        ...     _ = path.write_text("user_id:token,item_id:token\n1,5\n\n1,NA\n")
        ...     rows = read_rows(path, {"field_separator": ",", "encoding": None})
        ...     rows.types, rows.missing["item_id"].tolist(), rows.lines.tolist()
        ({'user_id': 'token', 'item_id': 'token'}, [False, True], [2, 4])
    """

    path: Path
    types: Mapping[str, str]
    cells: pd.DataFrame
    missing: pd.DataFrame
    encoding: str
    source: str

    @cached_property
    def lines(self) -> np.ndarray:
        """The line of each row, shape [rows]; empty lines are no rows."""
        with self.path.open(encoding=self.encoding) as file:
            written = [n for n, line in enumerate(file, 1) if line.strip(" \r\n")][1:]
        if len(written) != len(self.cells):  # fields that go over several lines
            written = list(range(2, len(self.cells) + 2))
        return np.array(written, dtype=np.int64)

    def loads(self, column: str, config: Config) -> bool:
        """Whether a run reads a column."""
        chosen = (config["load_col"] or {self.source: "*"}).get(self.source, ())
        left_out = (config["unload_col"] or {}).get(self.source, ())
        return (chosen == "*" or column in chosen) and column not in left_out


def read_rows(path: Path, config: Config) -> FileRows:
    """Reads a file, whether a run could use it or not.

    Args:
        path: The file.
        config: RecBole's configuration.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no table, or has another encoding.

    Example:
        >>> read_rows(Path("nowhere"), {"field_separator": ",", "encoding": None})
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'nowhere'
    """
    with path.open("rb") as file:
        is_marked = file.read(3) == b"\xef\xbb\xbf"
    encoding, separator = config["encoding"] or "utf-8", config["field_separator"]
    if is_marked:
        encoding = "utf-8-sig"
    reading: Any = {"sep": separator, "dtype": str, "encoding": encoding, "index_col": False}
    reading["engine"] = "c" if len(separator) == 1 else "python"
    as_read: pd.DataFrame = pd.read_csv(path, **reading)
    cells: pd.DataFrame = pd.read_csv(path, **reading, na_filter=False)
    types = dict(str(column).partition(":")[::2] for column in cells.columns)
    cells.columns = as_read.columns = pd.Index(types)
    return FileRows(path, types, cells.fillna(""), as_read.isna(), encoding, path.suffix[1:])
