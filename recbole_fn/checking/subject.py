"""What is checked: a configuration, the files that it names, and what a run makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from recbole.data.dataset import SequentialDataset

from recbole_fn.checking.files import FileRows, read_rows
from recbole_fn.checking.rows import Rows, rows_of
from recbole_fn.data.loaders import dataset_of
from recbole_fn.data.time_order import time_ranks
from recbole_fn.experiment.build import Data
from recbole_fn.utils.recbole_types import Config, Dataset


@dataclass(frozen=True)
class Prepared:
    """What a run makes of the files.

    Attributes:
        data: The data set, and its loaders.
        kept: Which interactions of the files pass the filters, by their number, shape [kept];
            None where RecBole does not tell, or filters nothing.
        is_filtered: Whether RecBole's keys may leave out interactions.
        rounded_order: Users whose interactions RecBole sorts by rounded times into another order.

    Example:
        >>> from recbole_fn.checking.preparing import prepare
        >>> prepared: Prepared = prepare(config)
        >>> len(prepared.splits[0])  # rows of training
        615
    """

    data: Data
    kept: np.ndarray | None
    is_filtered: bool
    rounded_order: int = 0

    @property
    def splits(self) -> list[Dataset]:
        """Training, validation and test."""
        return [dataset_of(loader) for loader in self.data[1]]

    @property
    def is_sequential(self) -> bool:
        """Whether the rows have histories."""
        return isinstance(self.splits[0], SequentialDataset)

    @cached_property
    def rows(self) -> Rows:
        """The rows of all parts, one after another."""
        return rows_of(self.splits)


@dataclass(frozen=True)
class Subject:
    """A configuration with its files.

    Attributes:
        config: RecBole's configuration.
        files: The interactions: one file, or one for each part.
        features: The files of items and users that are there, by `item` and `user`.
        run: What a run makes of them; None where it stops.

    Example:
        >>> subject: Subject = read_subject(config, run=None)
        >>> subject.interactions["user_id"].nunique()
        80
    """

    config: Config
    files: Sequence[FileRows]
    features: Mapping[str, FileRows]
    run: Prepared | None

    @property
    def columns(self) -> tuple[str, str, str]:
        """The names of the columns of users, items and times."""
        user, item, time = (self.config[f"{key}_FIELD"] for key in ("USER_ID", "ITEM_ID", "TIME"))
        return user, item, time

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """The cells of all files, one after another, with the columns `part` and `place`.

        `place` is the place of a row's time among all times; 0 without times.
        """
        parts = [rows.cells.assign(part=n) for n, rows in enumerate(self.files)]
        table = pd.concat(parts, ignore_index=True)
        return table.assign(place=self._places(table))

    def where(self, row: int) -> str:
        """The line of an interaction, with its file where there are several.

        Args:
            row: Its number among all interactions.
        """
        before = np.cumsum([0, *(len(rows.cells) for rows in self.files)])
        part = int(np.searchsorted(before, row, side="right")) - 1
        line = f"line {self.files[part].lines[row - before[part]]}"
        return line if len(self.files) == 1 else f"{line} of {self.files[part].path.name}"

    def ids(self, row: int) -> str:
        """The user and the item of an interaction.

        Args:
            row: Its number among all interactions.
        """
        user, item, _ = self.columns
        cells = self.interactions.loc[row]
        return f"{user} {cells[user]!r}, {item} {cells[item]!r}"

    def _places(self, table: pd.DataFrame) -> np.ndarray:
        time = self.columns[2]
        if time not in table:
            return np.zeros(len(table), dtype=np.int64)
        texts = table[time].to_numpy(dtype=object)
        numbers = pd.to_numeric(table[time], errors="coerce")
        is_number = np.isfinite(numbers.to_numpy(dtype=np.float64))
        places = np.zeros(len(table), dtype=np.int64)
        places[is_number] = time_ranks(texts[is_number]) if is_number.any() else 0
        return places


def read_subject(config: Config, run: Prepared | None) -> Subject:
    """Reads the files of a configuration.

    Args:
        config: RecBole's configuration.
        run: What a run makes of them.

    Raises:
        OSError: if a file cannot be read.
        ValueError: if it is no table of texts.

    Example:
        >>> read_subject(config, run=None).files[0].path.name
        'tiny.inter'
    """
    folder, name = Path(config["data_path"]), str(config["dataset"])
    parts = [f"{name}.{part}" for part in config["benchmark_filename"] or ()] or [name]
    files = [read_rows(folder / f"{part}.inter", config) for part in parts]
    features = {source: folder / f"{name}.{source}" for source in ("item", "user")}
    loaded = {
        source: read_rows(path, config)
        for source, path in features.items()
        if path.is_file() and (config["load_col"] is None or source in config["load_col"])
    }
    return Subject(config, files, loaded, run)
