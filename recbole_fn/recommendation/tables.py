"""Reads the tables that a user names: users, histories, items, exclusions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recbole_fn.recommendation.loading import Loaded
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.separated import read_separated

Table = pd.DataFrame | Mapping[object, Sequence[object]] | Sequence[object] | str | Path
"""Users, items or histories; a file is .csv, .tsv, .parquet, or an atomic file of RecBole."""

_TABS = (".tsv", ".inter", ".item", ".user")


@dataclass(frozen=True)
class Fields:
    """The names of the columns of users, items and times in a data set.

    A file that `recommend` wrote has the columns `user` and `item`; they are understood too.

    Attributes:
        user: Of users.
        item: Of items.
        time: Of times.

    Example:
        >>> fields = Fields("user_id", "item_id", "timestamp")
        >>> fields.renamed(pd.DataFrame({"user": ["u1"], "item_id:token": ["i7"]}))
          user_id item_id
        0      u1      i7
    """

    user: str
    item: str
    time: str

    @classmethod
    def of(cls, loaded: Loaded) -> "Fields":
        """Those of a model's data set."""
        data = loaded.dataset
        return cls(data.uid_field, data.iid_field, data.time_field)

    def renamed(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with the data set's names of its columns, without RecBole's types."""
        names = {name: str(name).split(":")[0] for name in table.columns}
        also = {"user": self.user, "item": self.item}
        taken = set(names.values())
        return table.rename(
            columns={
                name: also[bare] if bare in also and also[bare] not in taken else bare
                for name, bare in names.items()
            }
        )


def read_table(
    source: Table, fields: Fields, needed: Sequence[str], what: str, also: Sequence[str] = ()
) -> pd.DataFrame:
    """A table with the columns that are needed, whose tokens are texts as in a data set.

    Args:
        source: A file, a frame, a list of the only needed column, or lists of items by user.
        fields: The data set's names.
        needed: The columns that there must be.
        what: The option or argument, for messages.
        also: Columns that are read in the same way if there are such.

    Raises:
        InputError: if the file cannot be read, or a column, or a value in one, is missing.

    Example:
        >>> fields = Fields("user_id", "item_id", "timestamp")
        >>> read_table({"u1": ["a", "b"]}, fields, ["user_id", "item_id"], "histories")
          user_id item_id
        0      u1       a
        1      u1       b
    """
    name = named(what, source)
    table = fields.renamed(_frame(source, fields, needed, name))
    missing = [column for column in needed if column not in table]
    if missing:
        raise InputError(
            f"{name} has the columns {', '.join(map(str, table.columns))}; it must have "
            f"{' and '.join(needed)}"
        )
    read = [*needed, *(column for column in also if column in table)]
    texts = table[read].astype(str)
    empty = (table[read].isna() | (texts == "")).any(axis=1)  # a file's empty values are ""
    if empty.any():
        raise InputError(
            f"{name} has {int(empty.sum())} rows without {' or '.join(read)}, the first in row "
            f"{int(empty.to_numpy().argmax()) + 1}; each row must have one"
        )
    return table.assign(**{column: texts[column] for column in read})


def named(what: str, source: object) -> str:
    """An option with its file, if that is one, for messages.

    Example:
        >>> named("exclude", "sold_out.csv"), named("exclude", ["i1"])
        ("exclude 'sold_out.csv'", 'exclude')
    """
    return f"{what} {str(source)!r}" if isinstance(source, str | Path) else what


def _frame(source: Table, fields: Fields, needed: Sequence[str], name: str) -> pd.DataFrame:
    if isinstance(source, str | Path):
        return _read_file(Path(source))
    if isinstance(source, pd.DataFrame):
        return source
    if isinstance(source, Mapping):
        for user, items in source.items():
            if isinstance(items, str) or not isinstance(items, Iterable):
                raise InputError(f"{name}[{user!r}] is {items!r}; it must be a list of items")
        rows = [(user, item) for user, items in source.items() for item in items]
        return pd.DataFrame(rows, columns=[fields.user, fields.item])
    if not isinstance(source, Iterable):
        raise InputError(f"{name} is {source!r}; it must be a file, a frame or a list")
    return pd.DataFrame({needed[0]: list(source)})


def _read_file(path: Path) -> pd.DataFrame:
    """A file, by its suffix; a column of tokens is read as it is written."""
    kinds = (".csv", ".parquet", *_TABS)
    if path.suffix not in kinds:
        raise InputError(f"{str(path)!r} must be a file that ends with {', '.join(kinds)}")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        separator = "\t" if path.suffix in _TABS else ","
        return read_separated(path, separator)
    except InputError:
        raise
    except Exception as error:  # of pandas, of the engine, of the system
        # pandas and pyarrow name the line or byte; of the system, its reason alone.
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(
            f"{str(path)!r} cannot be read ({' '.join(words.split())}); it must be a {path.suffix} "
            f"file with a header"
        ) from error
