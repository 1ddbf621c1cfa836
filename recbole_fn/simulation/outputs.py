"""The files of a measurement: figures as JSON and CSV, and the picture."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recbole_fn.simulation.figure import page
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, write_whole

FILES = "precision_recall"  # what the files hold, and the folder that they are in by default


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Within the context, nobody else measures into a folder, and it holds no earlier figures.

    Args:
        folder: The folder; it is made if there is none.

    Raises:
        InputError: if it cannot be made, holds a measurement, or another one writes to it.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, own_folder(Path(folder, "measured")):
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['measured']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:  # only the system knows the reason
        raise InputError(
            f"--out is {str(folder)!r}, which cannot be made ({error.strerror}); it must be a "
            f"folder that can be written"
        ) from error
    must = "it must be another folder"
    with alone(folder, f"--out is {str(folder)!r}, where another measurement runs; {must}"):
        if (folder / f"{FILES}.json").exists():
            raise InputError(f"--out is {str(folder)!r}, which holds a measurement; {must}")
        yield


def write_measurement(folder: Path, records: list[dict[str, Any]], title: str) -> list[str]:
    """Writes figures as JSON and CSV, and the picture.

    Args:
        folder: The folder.
        records: What `measure` yields.
        title: The picture's title.

    Returns:
        The names of the files.

    Example:
        >>> record = {"m": 5, "epoch": 0, "neg_num": 100, "mode": "counts", "precision": 0.3}
        >>> record |= {"lift": 6.0, "recall": 0.1, "hard_precision": 0.2, "base": 0.05}
        >>> write_measurement(Path("."), [record], "SASRec on world")
        ['precision_recall.json', 'precision_recall.csv', 'precision_recall.html']
    """
    rows = io.StringIO(newline="")
    table = csv.DictWriter(rows, list(records[0]))
    table.writeheader()
    table.writerows(records)
    contents = {
        f"{FILES}.json": json.dumps(records, indent=1) + "\n",
        f"{FILES}.csv": rows.getvalue(),
        f"{FILES}.html": page(records, title),
    }
    for name, content in contents.items():
        write_whole(folder / name, content)
    return list(contents)
