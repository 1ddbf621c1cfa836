"""Measures how time and memory grow with the data, each measurement in a separate process.

The benchmark's option `--scale` makes synthetic data sets and starts the processes, which run
this module.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tqdm import tqdm

from recbole_fn.benchmark.peak_memory import peak_gib
from recbole_fn.benchmark.setup import BPR, ON, configuration
from recbole_fn.benchmark.synthetic_data import write_dataset
from recbole_fn.data.loaders import dataset_of
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.experiment.build import build_experiment
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.results.text_table import text_table
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.digits import significant

SIDES: dict[str, dict[str, Any]] = {"ours": ON, "recbole": BPR}
_WARM_UP = 3  # batches before the measured ones
_GIB = 2**30


@dataclass(frozen=True)
class Size:
    """The size of one measurement.

    Attributes:
        side: `ours` or `recbole`, with its BPR loss, as CE needs a score of every item.
        model: Name of the model.
        num_users: Users of the synthetic data set.
        num_items: Items of the data set.
        each: Interactions of each user.
        step_rows: Rows of a batch, RecBole's `train_batch_size`.
        batches: The most batches to train; None for a whole epoch.

    Example:
        >>> Size("ours", "SASRec", 1000, 500, 10, 2048, None).num_users
        1000
    """

    side: str
    model: str
    num_users: int
    num_items: int
    each: int
    step_rows: int
    batches: int | None


@dataclass(frozen=True)
class Cost:
    """The result of a measurement.

    Attributes:
        rows: Training rows.
        items: Items that occur; a step of Adam updates the embeddings of all of them.
        loading: Seconds to load and split the data and to build model and trainer.
        training: Seconds for 1000 rows after the warm-up batches, loading of batches included.
        trained: Rows that were trained, warm-up batches included.
        loaded_gib: Peak of the process's resident memory before training, in GiB.
        peak_gib: The same after training.
        pairs: (row, item) pairs remembered after training.
        memory_gib: Size of the memory of hard negatives, in GiB.

    Example:
        >>> Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001).rows
        8000
    """

    rows: int
    items: int
    loading: float
    training: float
    trained: int
    loaded_gib: float
    peak_gib: float
    pairs: int
    memory_gib: float


def measure(size: Size, data_path: str) -> Cost:
    """Loads the data set `made` and trains its first batches in this process.

    Args:
        size: What to measure.
        data_path: Folder with the data set's folder.

    Example:
        `measure_apart` calls it in a process of its own::

            measure(Size("ours", "SASRec", 1000, 500, 10, 2048, 50), folder).training
    """
    begin = perf_counter()
    keys = {**SIDES[size.side], "train_batch_size": size.step_rows}
    config = configuration(size.model, "made", data_path, **keys)
    run = build_experiment(config)
    few = FirstBatches(run, size.batches)
    loading, loaded = perf_counter() - begin, peak_gib()
    few.train()
    pairs = nbytes = 0
    if isinstance(run.trainer, FNTrainer) and run.trainer.fn_step is not None:
        memory = run.trainer.fn_step.memory
        pairs, nbytes = memory.num_pairs(), memory.num_bytes()
    rows, items = len(dataset_of(run.train_data)), run.dataset.item_num - 1
    each, peak = _seconds_each(few.marks), peak_gib()
    return Cost(rows, items, loading, each, few.num_rows, loaded, peak, pairs, nbytes / _GIB)


def _seconds_each(marks: list[tuple[float, int]]) -> float:
    """Seconds for 1000 rows without the warm-up batches (see `FirstBatches.marks`)."""
    (begin, before), (end, after) = marks[min(_WARM_UP, len(marks) - 2)], marks[-1]
    return (end - begin) / (after - before) * 1000


def measure_apart(size: Size) -> Cost:
    """Writes a synthetic data set to a temporary folder and measures it in a separate process.

    The data are written in chunks: a new process starts with the memory peak of its parent.

    Args:
        size: What to measure.

    Example:
        Starts a process::

            measure_apart(Size("ours", "SASRec", 1000, 500, 10, 2048, 50)).peak_gib
    """
    with TemporaryDirectory() as folder:
        write_dataset(Path(folder), "made", size.num_users, size.num_items, size.each)
        command = [sys.executable, "-m", __name__, json.dumps(asdict(size)), folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def scale(sizes: list[Size]) -> list[tuple[Size, Cost]]:
    """Measures sizes one after another.

    Args:
        sizes: What to measure.

    Example:
        Starts a process for each size::

            print(table(scale([Size("ours", "SASRec", users, 500, 10, 2048, 50) for users in ...])))
    """
    return [(size, measure_apart(size)) for size in tqdm(sizes, disable=None, dynamic_ncols=True)]


def table(costs: list[tuple[Size, Cost]]) -> str:
    """Formats measurements as a table.

    Args:
        costs: Each size and its cost.

    Example:
        >>> size = Size("ours", "SASRec", 1000, 500, 10, 2048, None)
        >>> print(table([(size, Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001))]))
        side ... 10,000 ...
    """
    return text_table([_cells(size, cost) for size, cost in costs], "side")


def _cells(size: Size, cost: Cost) -> dict[str, str]:
    return {
        "side": size.side,
        "interactions": f"{size.num_users * size.each:,}",
        "items": f"{cost.items:,}",
        "loading (s)": significant(cost.loading),
        "training (s/1000 rows)": significant(cost.training),
        "rows trained": f"{cost.trained:,}",
        "peak, loaded (GiB)": f"{cost.loaded_gib:.2f}",
        "peak (GiB)": f"{cost.peak_gib:.2f}",
        "pairs remembered": f"{cost.pairs:,}",
    }


if __name__ == "__main__":
    silence_known_warnings()
    size, path = sys.argv[1:]
    del sys.argv[1:]  # RecBole reads them too
    print(json.dumps(asdict(measure(Size(**json.loads(size)), path))))
