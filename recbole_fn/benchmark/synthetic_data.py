"""Writes synthetic data sets of any size in RecBole's format."""

from pathlib import Path

import numpy as np
import pandas as pd

_CHUNK = 50_000  # users written at a time


def write_dataset(folder: Path, name: str, num_users: int, num_items: int, each: int) -> None:
    """Writes `<folder>/<name>/<name>.inter` with equally many interactions for each user.

    Item k of the catalogue is drawn with a probability proportional to about 1 / k, as in Zipf's
    law, independently of earlier items. So a model can learn popularity and nothing else.

    Args:
        folder: An existing folder.
        name: Name of the data set.
        num_users: Number of users.
        num_items: Number of items.
        each: Interactions of each user.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_dataset(Path(folder), "made", num_users=2, num_items=9, each=3)
        ...     len((Path(folder) / "made" / "made.inter").read_text().splitlines())
        7
    """
    path = folder / name / f"{name}.inter"
    path.parent.mkdir()
    path.write_text("user_id:token\titem_id:token\ttimestamp:float\n", encoding="utf-8")
    generator = np.random.default_rng(2022)
    for first in range(0, num_users, _CHUNK):
        users = np.repeat(np.arange(first, min(first + _CHUNK, num_users)), each)
        items = (num_items ** generator.random(len(users))).astype(np.int64)
        rows = pd.DataFrame({"user": users, "item": items, "time": np.arange(len(users)) % each})
        rows.to_csv(path, sep="\t", header=False, index=False, mode="a")
