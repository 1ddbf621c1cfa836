"""Checks a data set's files before RecBole reads them."""

import mmap
import re
from pathlib import Path

import yaml
from recbole.data.dataset import dataset as recbole_dataset

from recbole_fn.data.row_checks import (
    has_empty,
    require_fields,
    require_no_byte_order_mark,
    require_values,
)
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


def require_dataset(config: Config) -> None:
    """Checks that the interaction files exist and have the columns that training needs.

    Files of a data set that RecBole can download may be missing.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the file that cannot be read, the column that is missing or has the
            wrong type, or the line and value that RecBole would lose or replace.

    Example:
        >>> config = {"data_path": "nowhere", "dataset": "mine", "benchmark_filename": None}
        >>> require_dataset({**config, "field_separator": ",", "encoding": "utf-8"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: data set file 'nowhere/mine.inter' cannot be read (...
    """
    folder, name = Path(config["data_path"]), config["dataset"]
    if not folder.exists() and name in _downloadable():
        return
    parts = [f".{part}" for part in config["benchmark_filename"] or ()] or [""]
    for part in parts:
        path = folder / f"{name}{part}.inter"
        _require_columns(path, config)
        _require_closed_quotes(path, config["field_separator"].encode())
        _require_rows(path, config)
    for source, key in (("user", "USER_ID_FIELD"), ("item", "ITEM_ID_FIELD")):
        path, loaded = folder / f"{name}.{source}", config["load_col"]
        if path.exists() and (loaded is None or source in loaded):
            require_no_byte_order_mark(path, config)
            require_fields(path, config)
            require_values(path, config, [config[key]], may_be_empty=True)


def _require_rows(path: Path, config: Config) -> None:
    require_fields(path, config)
    ids = [config["USER_ID_FIELD"], config["ITEM_ID_FIELD"]]
    # RecBole drops rows without a user, then those without an item by places that have moved;
    # in files of parts it drops none and trains on the padding.
    in_parts = bool(config["benchmark_filename"])
    may_be_empty = not in_parts and not all(has_empty(path, config, column) for column in ids)
    lists = [config["ITEM_ID_FIELD"] + config["LIST_SUFFIX"]] if in_parts else []
    require_values(path, config, [*ids, *lists], may_be_empty)


def _downloadable() -> set[str]:
    path = Path(recbole_dataset.__file__).parents[2] / "properties" / "dataset" / "url.yaml"
    return set(yaml.safe_load(path.read_text(encoding="utf-8")))


def _require_columns(path: Path, config: Config) -> None:
    header = _header(path, config)
    columns = [column.split(":")[0] for column in header]
    for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD"):
        needed = config[key]
        if needed not in columns and not (key == "TIME_FIELD" and config["benchmark_filename"]):
            raise InputError(
                f"data set file {str(path)!r} has no column {needed!r} ({key}); "
                f"it must have it, or {key} be one of {', '.join(columns)}"
            )
    for column in header:
        _require_type(path, config, column)
    if config["benchmark_filename"]:
        _require_alias(path, config, columns)


def _header(path: Path, config: Config) -> list[str]:
    """The columns of a file with their types."""
    try:
        require_no_byte_order_mark(path, config)
        with path.open(encoding=config["encoding"] or "utf-8") as file:
            line = file.readline()
    except (OSError, UnicodeDecodeError) as error:  # the system's reason, or the byte
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"data set file {str(path)!r} cannot be read ({reason}); it must be a text file in "
            f"the encoding {config['encoding'] or 'utf-8'}"
        ) from error
    if line and not line.endswith("\n"):  # RecBole cuts the last letter off
        raise InputError(
            f"data set file {str(path)!r} ends within its first line; it must have a header and "
            f"at least one line below it"
        )
    return line.rstrip("\n").split(config["field_separator"])


def _require_type(path: Path, config: Config, column: str) -> None:
    """RecBole numbers a time of type token by its first line, and numbers no float at all."""
    types = {"USER_ID_FIELD": "token", "ITEM_ID_FIELD": "token", "TIME_FIELD": "float"}
    name, *declared = column.split(":")
    for key, needed in types.items():
        if name == config[key] and declared and declared != [needed]:
            meaning = ", with numbers such as Unix seconds" if needed == "float" else ""
            raise InputError(
                f"data set file {str(path)!r} has in line 1 the column {column!r} ({key}); "
                f"it must be '{name}:{needed}'{meaning}"
            )


def _require_alias(path: Path, config: Config, columns: list[str]) -> None:
    """Lists of items that are no alias of the item are numbered apart from it."""
    lists, alias = config["ITEM_ID_FIELD"] + config["LIST_SUFFIX"], config["alias_of_item_id"]
    if lists in columns and lists not in (alias or []):
        raise InputError(
            f"alias_of_item_id is {alias}, and data set file {str(path)!r} has the column "
            f"{lists!r}; it must contain {lists!r}, so that its items are those of the targets"
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
