"""Checks a data set's files before RecBole reads them."""

import mmap
import re
from pathlib import Path

import yaml
from recbole.data.dataset import dataset as recbole_dataset

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


def require_dataset(config: Config) -> None:
    """Checks that the interaction files exist and have the columns that training needs.

    Files of a data set that RecBole can download may be missing.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the file that cannot be read, the column that is missing, or the line
            with an open quote.

    Example:
        >>> config = {"data_path": "nowhere", "dataset": "mine", "benchmark_filename": None}
        >>> require_dataset({**config, "field_separator": ",", "encoding": "utf-8"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: data set file 'nowhere/mine.inter' cannot be read: ...
    """
    folder, name = Path(config["data_path"]), config["dataset"]
    if not folder.exists() and name in _downloadable():
        return
    parts = [f".{part}" for part in config["benchmark_filename"] or ()] or [""]
    for part in parts:
        path = folder / f"{name}{part}.inter"
        _require_columns(path, config)
        _require_closed_quotes(path, config["field_separator"].encode())


def _downloadable() -> set[str]:
    path = Path(recbole_dataset.__file__).parents[2] / "properties" / "dataset" / "url.yaml"
    return set(yaml.safe_load(path.read_text(encoding="utf-8")))


def _require_columns(path: Path, config: Config) -> None:
    try:
        with path.open(encoding=config["encoding"] or "utf-8") as file:
            header = file.readline().rstrip("\n").split(config["field_separator"])
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"data set file {str(path)!r} cannot be read: {reason}") from error
    columns = [column.split(":")[0] for column in header]
    for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD"):
        needed = config[key]
        if needed not in columns and not (key == "TIME_FIELD" and config["benchmark_filename"]):
            raise InputError(
                f"data set file {str(path)!r} has no column {needed!r} ({key}); "
                f"it has {', '.join(columns)}"
            )


def _require_closed_quotes(path: Path, separator: bytes) -> None:
    """Refuses a field that begins with a quote and is not closed as in CSV.

    RecBole would read up to the next quote, across lines, and silently lose interactions.
    """
    if len(separator) > 1 or not _has_quoted_field(path, separator):
        return
    begin = b'(?:^|%s)"' % re.escape(separator)
    closed = re.compile(begin + b'(?:[^"]|"")*"(?=%s|$)' % re.escape(separator))
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if re.search(begin, closed.sub(separator, line)):
            raise InputError(
                f"data set file {str(path)!r} has in line {number} a field that begins with a "
                f"quote and does not end with one; it must end with one, and quotes within it "
                f"must be doubled"
            )


def _has_quoted_field(path: Path, separator: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(before + b'"') >= 0 for before in (b"\n", separator))
