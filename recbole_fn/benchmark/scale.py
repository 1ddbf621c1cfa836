"""Measures how time and memory grow with the data, each measurement in a separate process.

The benchmark's option `--scale` makes synthetic data sets and starts the processes, which run
this module.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import torch
from recbole.trainer import Trainer
from tqdm import tqdm

from recbole_fn.benchmark.loopback import sent_bytes
from recbole_fn.benchmark.peak_memory import peak_gib
from recbole_fn.benchmark.setup import configuration
from recbole_fn.benchmark.size import Cost, Size
from recbole_fn.benchmark.synthetic_data import write_dataset
from recbole_fn.data.loaders import dataset_of
from recbole_fn.distributed.group import leave_group
from recbole_fn.distributed.launch import launch
from recbole_fn.distributed.rendezvous import rendezvous_port
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.experiment.build import build_experiment
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.results.text_table import text_table
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.digits import significant
from recbole_fn.utils.recbole_types import Keys

_WARM_UP = 3  # batches before the measured ones
_GIB = 2**30


def measure(size: Size, data_path: str, group: Keys | None = None) -> Cost:
    """Loads the data set `made` and trains its first batches in this process.

    Args:
        size: What to measure.
        data_path: Folder with the data set's folder.
        group: RecBole's keys of the group that the process belongs to, if any.

    Example:
        `measure_apart` calls it in a process of its own:

        >>> write_dataset(Path("."), "made", num_users=20, num_items=30, each=10)
        >>> measure(Size("ours", "SASRec", 20, 30, 10, 128, batches=None), ".").trained  # rows
        140
    """
    begin = perf_counter()
    config = configuration(size.model, "made", data_path, **size.keys(), **(group or {}))
    run = build_experiment(config)
    few = FirstBatches(run, size.batches)
    loading, loaded, sent = perf_counter() - begin, peak_gib(), 0
    for epoch in range(size.passes):
        sent = sent_bytes()
        few.train(epoch)
    sent_each = (sent_bytes() - sent) / len(few)
    pairs, gib = _remembered(run.trainer)
    rows, items = len(dataset_of(run.train_data)), run.dataset.item_num - 1
    each, peak = _seconds_each(few.marks), peak_gib()
    return Cost(rows, items, loading, each, few.num_rows, loaded, peak, pairs, gib, sent_each)


def _remembered(trainer: Trainer) -> tuple[int, float]:
    """Remembered pairs and their size in GiB."""
    if not isinstance(trainer, FNTrainer) or trainer.fn_step is None:
        return 0, 0.0
    memory = trainer.fn_step.memory
    return memory.num_pairs(), memory.num_bytes() / _GIB


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
        >>> measure_apart(Size("ours", "SASRec", 100, 50, 10, 128, batches=4)).peak_gib < 4
        True
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
        >>> sizes = [Size("ours", "SASRec", users, 50, 10, 128, 4) for users in (100, 200)]
        >>> [size.num_users for size, _ in scale(sizes)]
        [100, 200]
    """
    return [(size, measure_apart(size)) for size in tqdm(sizes, disable=None, dynamic_ncols=True)]


def table(costs: list[tuple[Size, Cost]]) -> str:
    """Formats measurements as a table.

    Args:
        costs: Each size and its cost.

    Example:
        >>> size = Size("ours", "SASRec", 1000, 500, 10, 2048, None)
        >>> print(table([(size, Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001, 0))]))
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


def _member(rank: int, size: Size, data_path: str, group: Keys) -> Cost:
    """Measures as one of several processes, each with its part of the threads."""
    silence_known_warnings()
    torch.set_num_threads(max(1, torch.get_num_threads() // size.nproc))
    cost = measure(size, data_path, {**group, "local_rank": rank})
    leave_group()
    return cost


def _measure_in_group(size: Size, data_path: str) -> Cost:
    group = {"nproc": size.nproc, "world_size": size.nproc, "ip": "localhost", "offset": 0}
    with rendezvous_port() as port:
        cost: Cost = launch(_member, size.nproc, size, data_path, {**group, "port": port})
    return cost


if __name__ == "__main__":
    silence_known_warnings()
    size, path = Size(**json.loads(sys.argv[1])), sys.argv[2]
    del sys.argv[1:]  # RecBole reads them too
    print(json.dumps(asdict((measure if size.nproc == 1 else _measure_in_group)(size, path))))
