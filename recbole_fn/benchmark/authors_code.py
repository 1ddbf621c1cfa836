"""Times our training against a clone of the authors' code.

The code of UFNRec (arXiv 2208.04116) reads `data/<name>.txt` from the working directory, a line
`user item` for each interaction, and prints a line at the end of each epoch. It runs unchanged
in a temporary folder. Its extraction begins in its ninth epoch at the earliest; the epochs timed
by default come before, and cost less than later ones.
"""

import shlex
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import recbole.data
import torch
from numpy.typing import NDArray

from recbole_fn.benchmark.comparison import SECONDS, Comparison, of_pairs, seconds_each
from recbole_fn.benchmark.epoch_times import time_epochs
from recbole_fn.benchmark.setup import ON
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import build_experiment
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset

COMMAND = (
    "{python} {path}/main.py --dataset={dataset} --name=timed --device={device} "
    "--neg_nums={negatives} --batch_size={users} --hidden_units={hidden_size} --maxlen={length} "
    "--num_blocks={layers} --num_heads={heads} --num_epochs={epochs}"
)
EPOCH_END = r"loss in epoch \d+"
_DATASET = "interactions"


def compare_authors(options: Namespace) -> list[Comparison]:
    """Compares the time per row of SASRec with extraction and of the authors' code.

    The authors' batch of users is chosen so that a step has as many rows as ours.

    Args:
        options: The options of the command line.

    Raises:
        InputError: if the model is not SASRec, or the command does not print epochs.

    Example:
        Needs a clone of the authors' code::

            python run_recbole_fn.py benchmark --reference=UFNRec
    """
    if options.model != "SASRec":
        raise InputError(f"--model is {options.model!r}; with --reference it must be SASRec")
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


def rows_in_windows(dataset: Dataset) -> NDArray[np.integer]:
    """Rows of each user in one pass of the authors' code: at most the length of a list.

    Args:
        dataset: The built training set.

    Example:
        >>> from types import SimpleNamespace
        >>> rows, config = {"user": np.array([1, 1, 1, 2])}, {"MAX_ITEM_LIST_LENGTH": 2}
        >>> rows_in_windows(SimpleNamespace(inter_feat=rows, uid_field="user", config=config))
        array([2, 1])
    """
    users = dataset.inter_feat[dataset.uid_field]
    num_rows = np.bincount(users)
    return np.minimum(num_rows[num_rows > 0], dataset.config["MAX_ITEM_LIST_LENGTH"])


def fill_in(options: Namespace, config: Config, users: int) -> list[str]:
    """Fills in the placeholders of the command.

    Args:
        options: The options of the command line.
        config: RecBole's configuration.
        users: Users in a batch of the authors' code.

    Raises:
        InputError: naming an unknown placeholder.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> command = "main.py --batch_size={users} --epochs={epochs}"
        >>> options = read_options(["--reference=UFNRec", f"--reference_command={command}"])
        >>> fill_in(options, config, users=32)
        ['main.py', '--batch_size=32', '--epochs=4']
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
    return _filled(options.reference_command, values)


def _filled(command: str, values: dict[str, Any]) -> list[str]:
    try:
        return [part.format(**values) for part in shlex.split(command)]
    except KeyError as error:  # its name alone, no words of Python
        raise InputError(
            f"--reference_command is {command!r}, whose placeholder {error} is "
            f"unknown; its placeholders must be of {', '.join(values)}"
        ) from error
    except (IndexError, ValueError) as error:
        raise InputError(
            f"--reference_command is {command!r}; its quotes and braces must be "
            f"in pairs, and each placeholder must have a name"
        ) from error


def write_interactions(config: Config, folder: Path) -> None:
    """Writes all interactions in the format of the authors' code, sorted by user and time.

    Args:
        config: RecBole's configuration of the data set.
        folder: The folder in which the code will run.

    Example:
        >>> write_interactions(config, folder)
        >>> (folder / "data" / "interactions.txt").read_text().split()[:4]  # user, item, user, item
        ['1', '1', '1', '2']
    """
    dataset = recbole.data.create_dataset(config)
    rows = dataset.inter_feat.sort_values([dataset.uid_field, dataset.time_field], kind="stable")
    columns = rows[[dataset.uid_field, dataset.iid_field]]
    (folder / "data").mkdir()
    path = folder / "data" / f"{_DATASET}.txt"
    columns.to_csv(path, sep=" ", header=False, index=False)
