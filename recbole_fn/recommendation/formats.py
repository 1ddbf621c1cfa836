"""The formats of a file of lists: its parts are written one by one, and put together."""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd

from recbole_fn.utils.errors import InputError

COLUMNS = ("user", "rank", "item", "score")


def pyarrow() -> tuple[Any, Any]:
    """The package pyarrow, and its module for parquet files.

    Raises:
        InputError: if it is not installed.

    Example:
        >>> [module.__name__ for module in pyarrow()]
        ['pyarrow', 'pyarrow.parquet']
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(
            "the file ends with .parquet, which needs pyarrow; it must be installed (pip install "
            "pyarrow), or the file end with .csv, .tsv or .jsonl"
        ) from error
    return pyarrow, pyarrow.parquet


class Format(ABC):
    r"""A way to write rows of user, rank, item and score.

    Example:
        >>> from io import BytesIO
        >>> file = BytesIO()
        >>> row = pd.DataFrame([["u1", 1, "i7", 0.5]], columns=list(COLUMNS))
        >>> format_of(Path("lists.csv")).write(row, file)
        >>> file.getvalue()
        b'u1,1,i7,0.5\n'
    """

    @abstractmethod
    def write(self, frame: pd.DataFrame, file: IO[bytes]) -> None:
        """Writes a part."""

    @abstractmethod
    def join(self, parts: Sequence[Path], file: IO[bytes]) -> None:
        """Writes the parts into one file, a part at a time in memory."""


class _Text(Format):
    """Lines of text, below a header if there is one."""

    header: str = ""

    def join(self, parts: Sequence[Path], file: IO[bytes]) -> None:
        """See `Format`."""
        file.write(self.header.encode())
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, file)


class Separated(_Text):
    r"""Values separated by a comma or a tab, below a header.

    Args:
        separator: What stands between values.

    Example:
        >>> Separated(",").header
        'user,rank,item,score\n'
    """

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.header = separator.join(COLUMNS) + "\n"

    def write(self, frame: pd.DataFrame, file: IO[bytes]) -> None:
        """See `Format`."""
        text: str = frame.to_csv(sep=self.separator, index=False, header=False, lineterminator="\n")
        file.write(text.encode())


class JsonLines(_Text):
    r"""A JSON object in each line.

    Example:
        >>> from io import BytesIO
        >>> file = BytesIO()
        >>> JsonLines().write(pd.DataFrame({"user": ["u1"], "rank": [1]}), file)
        >>> file.getvalue()
        b'{"user":"u1","rank":1}\n'
    """

    def write(self, frame: pd.DataFrame, file: IO[bytes]) -> None:
        """See `Format`."""
        # Not `to_json`, which rounds to decimals: small scores would be 0.
        for row in frame.to_dict("records"):
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            file.write(f"{line}\n".encode())


class Parquet(Format):
    """Parquet; each part is a row group.

    Example:
        >>> from io import BytesIO
        >>> file = BytesIO()
        >>> Parquet().write(pd.DataFrame([["u1", 1, "i7", 0.5]], columns=list(COLUMNS)), file)
        >>> pd.read_parquet(file)["rank"].dtype
        dtype('int32')
    """

    def __init__(self) -> None:
        arrow, self.parquet = pyarrow()
        self.arrow = arrow
        types = (arrow.string(), arrow.int32(), arrow.string(), arrow.float32())
        self.schema: Any = arrow.schema(list(zip(COLUMNS, types)))

    def write(self, frame: pd.DataFrame, file: IO[bytes]) -> None:
        """See `Format`."""
        table = self.arrow.Table.from_pandas(frame, self.schema, preserve_index=False)
        self.parquet.write_table(table.replace_schema_metadata(), file)

    def join(self, parts: Sequence[Path], file: IO[bytes]) -> None:
        """See `Format`."""
        with self.parquet.ParquetWriter(file, self.schema) as writer:
            for path in parts:
                writer.write_table(self.parquet.read_table(path))


_FORMATS = {
    ".parquet": Parquet,
    ".csv": lambda: Separated(","),
    ".tsv": lambda: Separated("\t"),
    ".jsonl": JsonLines,
}


def format_of(path: Path) -> Format:
    """The format of a file, by its suffix.

    Raises:
        InputError: for another suffix.

    Example:
        >>> format_of(Path("lists.xls"))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: out is 'lists.xls'; it must end with ...
    """
    if path.suffix not in _FORMATS:
        raise InputError(
            f"out is {str(path)!r}; it must end with {', '.join(_FORMATS)}, or be - for the screen"
        )
    return _FORMATS[path.suffix]()
