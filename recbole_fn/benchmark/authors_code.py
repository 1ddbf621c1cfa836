"""Our training beside the authors' code, which one clones oneself.

The code of UFNRec (arXiv 2208.04116) reads `data/<name>.txt`, a line `user item` for each
interaction, from the folder where it is started, and prints a line at the end of each epoch. It is
started in a temporary folder and never changed. Its extraction begins in its ninth epoch or
later; the epochs that are timed by default come before, so they cost less than later ones.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import recbole.data
import torch

from recbole_fn.benchmark.comparison import SECONDS, Comparison, of_pairs, seconds_each
from recbole_fn.benchmark.setup import ON, FirstBatches
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import build_experiment
from recbole_fn.utils.errors import InputError

COMMAND = (
    "{python} {path}/main.py --dataset={dataset} --name=timed --device={device} "
    "--neg_nums={negatives} --batch_size={users} --hidden_units={hidden_size} --maxlen={length} "
    "--num_blocks={layers} --num_heads={heads} --num_epochs={epochs}"
)
EPOCH_END = r"loss in epoch \d+"
_DATASET = "interactions"


def compare_authors(options: Namespace) -> list[Comparison]:
    """Training of SASRec with extraction, row for row, against an epoch of the authors' code.

    A step of theirs takes so many users that it has as many rows as one of ours.

    Raises:
        InputError: if the model is another one, or the command does not print epochs.
    """
    if options.model != "SASRec":
        raise InputError(f"--reference times SASRec, but --model is {options.model!r}")
    run = build_experiment(config_of(options, **ON))
    rows_each = rows_in_windows(dataset_of(run.train_data))
    users = min(round(run.config["train_batch_size"] / rows_each.mean()) or 1, len(rows_each))
    rows = len(rows_each) // users * users * rows_each.mean()  # whole steps of random users
    command = fill_in(options, run.config, users)
    with TemporaryDirectory() as folder:
        write_interactions(config_of(options, **ON), Path(folder))
        theirs = time_epochs(command, Path(folder), options.reference_end, options.reference_epochs)
    ours = FirstBatches(run)
    ours.train()
    pairs = [(seconds_each(ours.train), seconds / rows * 1000) for seconds in theirs]
    return [of_pairs("training: the authors' code", SECONDS, pairs)]


def rows_in_windows(dataset: Any) -> np.ndarray:
    """Rows of each user that one pass of the authors' code trains: at most a list's length."""
    users = dataset.inter_feat[dataset.uid_field]
    num_rows = np.bincount(users)
    return np.minimum(num_rows[num_rows > 0], dataset.config["MAX_ITEM_LIST_LENGTH"])


def fill_in(options: Namespace, config: Any, users: int) -> list[str]:
    """The command with its placeholders filled in.

    Raises:
        InputError: naming a placeholder that there is not.
    """
    values = {
        "python": sys.executable,
        "path": Path(options.reference).resolve(),
        "dataset": _DATASET,
        "device": torch.device(config["device"]).type,
        "negatives": FNSettings.from_config(config.final_config_dict).neg_num,
        "users": users,
        "hidden_size": config["hidden_size"],
        "length": config["MAX_ITEM_LIST_LENGTH"],
        "layers": config["n_layers"],
        "heads": config["n_heads"],
        "epochs": options.reference_epochs,
    }
    try:
        return [part.format(**values) for part in shlex.split(options.reference_command)]
    except (KeyError, IndexError, ValueError) as error:
        raise InputError(
            f"--reference_command is {options.reference_command!r} and has a placeholder that "
            f"is not known ({error}); it must be one of {', '.join(values)}"
        ) from error


def write_interactions(config: Any, folder: Path) -> None:
    """Writes all interactions as the authors' code reads them, each user's in order of time."""
    dataset = recbole.data.create_dataset(config)
    rows = dataset.inter_feat.sort_values([dataset.uid_field, dataset.time_field], kind="stable")
    columns = rows[[dataset.uid_field, dataset.iid_field]]
    (folder / "data").mkdir()
    path = folder / "data" / f"{_DATASET}.txt"
    columns.to_csv(path, sep=" ", header=False, index=False)


def time_epochs(command: list[str], folder: Path, epoch_end: str, epochs: int) -> list[float]:
    """Starts a command and times its epochs but the first, in seconds.

    Args:
        command: Program and arguments.
        folder: Where it is started.
        epoch_end: Regular expression of a line that ends an epoch. If it has a group, that is
            the time in seconds; otherwise the time between two such lines is taken.
        epochs: Epochs after which the command is stopped.

    Raises:
        InputError: if the command ends before.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return _read_epochs(process, re.compile(epoch_end), epochs)
        finally:
            _stop(process)


def _read_epochs(process: subprocess.Popen, epoch_end: re.Pattern, epochs: int) -> list[float]:
    marks: list[float] = []
    line = "nothing"
    assert process.stdout is not None
    for line in process.stdout:
        found = epoch_end.search(line)
        if found:
            marks.append(float(found[1]) if epoch_end.groups else perf_counter())
        if len(marks) == epochs:
            return marks[1:] if epoch_end.groups else list(_differences(marks))
    raise InputError(
        f"--reference_command ended after {len(marks)} epochs of {epochs}; it printed at last "
        f"{line.strip()!r}, and an epoch ends with a line like {epoch_end.pattern!r}"
    )


def _differences(marks: list[float]) -> Iterator[float]:
    return (after - before for before, after in pairwise(marks))


def _stop(process: subprocess.Popen) -> None:
    """Stops a process together with the sampling processes that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.wait()
