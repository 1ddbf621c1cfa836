"""Reads what a comparison has left in its folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recbole_fn.results import tables
from recbole_fn.results.statistics import Found, Row
from recbole_fn.utils.errors import InputError

ByVariant = dict[str, list[Found]]  # the findings of each variant, a seed each
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Group:
    """The jobs of a data set and a model.

    Attributes:
        dataset: Name of the data set.
        model: Name of the model.
        baseline: The variant that the others are compared with.
        variants: Findings by variant, in the order of the tables; a job's `ranks` is None or the
            arrays of its file, rows sorted by user and item.
        rows: The rows of the tables.
    """

    dataset: str
    model: str
    baseline: str
    variants: ByVariant
    rows: Sequence[Row]


def read_groups(folder: Path) -> tuple[list[Group], list[str]]:
    """The groups of a comparison, and notes on how jobs were run.

    Args:
        folder: The output folder.

    Raises:
        InputError: if it holds no comparison.
    """
    try:
        about = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
        rows = tables.from_csv((folder / "comparison.csv").read_text(encoding="utf-8"))
        jobs = [_read_job(folder / "jobs" / f"{name}.json") for name in about["jobs"]]
    except FileNotFoundError as error:
        raise InputError(
            f"{str(folder)!r} holds no finished comparison, {error.filename!r} is missing; "
            f"allowed is the output folder of --compare (called again, it completes the files)"
        ) from error
    found = []
    for (dataset, model), of_group in tables.groups(rows):
        own = [job for job in jobs if (job["dataset"], job["model"]) == (dataset, model)]
        names = dict.fromkeys(row.variant for row in of_group)
        variants = {name: [job for job in own if job["variant"] == name] for name in names}
        found.append(Group(dataset, model, about["baseline"], variants, of_group))
    return found, about["notes"]


def _read_job(path: Path) -> Found:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found["ranks"] = found["ranks"] and sorted_rows(path.with_name(found["ranks"]))
    return found


def sorted_rows(path: Path) -> Arrays | None:
    """The arrays of a file of ranks, its rows in the order of users and items.

    Args:
        path: The file.
    """
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    order = np.lexsort((arrays["items"], arrays["users"]))
    recommended = arrays.pop("recommended", None)
    arrays = {name: values[order] for name, values in arrays.items()}
    return arrays if recommended is None else {**arrays, "recommended": recommended}
