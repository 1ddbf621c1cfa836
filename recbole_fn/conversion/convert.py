"""Writes the atomic files of RecBole from a table of interactions, and one of items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recbole_fn.conversion.columns import (
    Column,
    asked_types,
    find_column,
    guess,
)
from recbole_fn.conversion.reading import read
from recbole_fn.conversion.texts import seconds, texts
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, replaced

USER, ITEM, TIME = "user_id", "item_id", "timestamp"  # the names that RecBole knows by itself


@dataclass(frozen=True)
class Converted:
    """A file that was written.

    Attributes:
        path: The file.
        rows: Its lines below the header.
        columns: Its columns.
        examples: A value of each column, as it was and as it is.

    Example:
        `convert` returns one for each file:

        >>> from pandas import DataFrame
        >>> table = DataFrame({"user": ["ann", "bob"], "item": "pen", "time": [1, 2]})
        >>> table.to_csv("sales.csv", index=False)
        >>> made: Converted = convert("sales.csv")[0]
        >>> made.rows, [(column.source, column.name) for column in made.columns]
        (2, [('user', 'user_id'), ('item', 'item_id'), ('time', 'timestamp')])
    """

    path: Path
    rows: int
    columns: Sequence[Column]
    examples: Sequence[tuple[str, str]]


def convert(
    table: str | Path,
    folder: str | Path = "dataset",
    name: str | None = None,
    roles: Mapping[str, str | None] | None = None,
    types: str | None = None,
    items: str | Path | None = None,
    overwrite: bool = False,
) -> list[Converted]:
    """Converts a table of interactions to `<folder>/<name>/<name>.inter`.

    Args:
        table: A .csv, .tsv or .parquet file.
        folder: The folder of data sets.
        name: The name of the data set; by default that of the file.
        roles: The columns of `user`, `item` and `time`; one that is missing is guessed by its name.
        types: Types of other columns, such as `zip=token,tags=token_seq`; the rest is guessed.
        items: A table with a row for each item, which becomes `<name>.item`.
        overwrite: Whether files of before may be replaced.

    Raises:
        InputError: naming the file, the column and the row of a mistake. Nothing is written then.

    Example:
        >>> from pandas import DataFrame
        >>> table = DataFrame({"customer": ["ann", "bob"], "item": "pen", "time": [1, 2]})
        >>> table.to_csv("sales.csv", index=False)
        >>> (made,) = convert("sales.csv", "dataset", "shop", {"user": "customer"})
        >>> made.path.as_posix(), made.path.read_text().split()[:3]
        ('dataset/shop/shop.inter', ['user_id:token', 'item_id:token', 'timestamp:float'])
    """
    name = name or Path(table).stem
    target = Path(folder) / name
    asked = {role: (roles or {}).get(role) for role in ("user", "item", "time")}
    made = [(target / f"{name}.inter", *_interactions(table, asked, types))]
    if items is not None:
        made.append((target / f"{name}.item", *_items(items, asked["item"], types)))
    with alone(target, f"name is {name!r}, which another process writes; it must be another"):
        for path, *_ in made:
            if path.exists() and not overwrite:
                raise InputError(f"{str(path)!r} exists; it must not, or --overwrite must be set")
        return [_write(*one) for one in made]


def _interactions(
    file: str | Path, asked: Mapping[str, str | None], types: str | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[Column]]:
    table, lists = read(Path(file))
    found = {role: find_column(table, role, name, str(file)) for role, name in asked.items()}
    columns = [
        Column(found["user"], USER, "token", "user"),
        Column(found["item"], ITEM, "token", "item"),
        Column(found["time"], TIME, "float", "time"),
    ]
    return _converted(table, lists, columns, types, str(file))


def _items(
    file: str | Path, asked: str | None, types: str | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[Column]]:
    table, lists = read(Path(file))
    asked = asked if asked in table.columns else None  # the two tables may name it differently
    columns = [Column(find_column(table, "item", asked, str(file)), ITEM, "token", "item")]
    return _converted(table, lists, columns, types, str(file))


def _converted(
    table: pd.DataFrame,
    lists: Mapping[str, str],
    columns: list[Column],
    types: str | None,
    file: str,
) -> tuple[pd.DataFrame, pd.DataFrame, list[Column]]:
    """The table as it was and as it becomes, and its columns."""
    _require_values(table, columns, file)
    _require_no_lists(columns, lists, file)
    others = [name for name in table.columns if name not in {one.source for one in columns}]
    parts = [part for part in (types or "").split(",") if part.split("=")[0] in others]
    asked = asked_types(",".join(parts), others)
    columns = [*columns, *(guess(table[name], asked.get(name), lists.get(name)) for name in others)]
    made = {
        one.header: (seconds if one.name == TIME else texts)(table[one.source], one, file)
        for one in columns
    }
    if len(made) < len(columns):
        raise InputError(
            f"{file!r} has columns that become one: {', '.join(map(str, table))}; their names and "
            f"types must differ"
        )
    return table, pd.DataFrame(made), columns


def _require_values(table: pd.DataFrame, columns: Sequence[Column], file: str) -> None:
    if not len(table):
        raise InputError(f"{file!r} has no rows; it must have some")
    for one in columns:
        missing = (table[one.source] == "").to_numpy()
        if missing.any():
            raise InputError(
                f"{file!r} has {int(missing.sum())} rows without {one.source}, the first is row "
                f"{int(missing.argmax()) + 1}; they must be filled or left out"
            )


def _require_no_lists(columns: Sequence[Column], lists: Mapping[str, str], file: str) -> None:
    for one in columns:
        if one.source in lists:
            raise InputError(
                f"{file!r} has lists in {one.source}, the column of the {one.reason}; it must have "
                f"one value in each row"
            )


def _write(
    path: Path, before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[Column]
) -> Converted:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            lines = ["\t".join(after.columns), *after.apply(_quoted).agg("\t".join, axis=1)]
            file.write(("\n".join(lines) + "\n").encode())
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"{str(path)!r} must be in a folder that can be written: {error.strerror}"
        ) from error
    examples = [(str(before[one.source].iloc[0]), after[one.header].iloc[0]) for one in columns]
    return Converted(path, len(after), columns, examples)


def _quoted(values: pd.Series) -> pd.Series:
    """Values that begin with a quote, in quotes, without which RecBole reads them as others."""
    quoted = '"' + values.str.replace('"', '""', regex=False) + '"'
    return values.where(~values.str.startswith('"'), quoted)
