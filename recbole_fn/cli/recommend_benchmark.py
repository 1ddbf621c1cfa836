"""`benchmark --recommend`: lists of a large made-up data set, ours and RecBole's."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import torch
from recbole.utils.case_study import full_sort_topk
from torch import Tensor

from recbole_fn.benchmark import comparison
from recbole_fn.benchmark.peak_memory import with_peak
from recbole_fn.benchmark.setup import ON, configuration
from recbole_fn.benchmark.synthetic_data import write_dataset
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import Experiment, build_experiment
from recbole_fn.recommendation.lists import Plan, frames
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import Asked, users_of
from recbole_fn.recommendation.writing import write_lists
from recbole_fn.utils.spread import spread

_COMPARED = 10_000  # users whose lists both sides make
_CHECKED = 1000  # users whose lists are compared item by item, at most
_BATCH = 128  # users whose scores RecBole has in memory at once
_K = 20


def measure(
    model: str, num_users: int, num_items: int, each: int, written: int, repeats: int
) -> list[dict[str, Any]]:
    """Compares the lists of 10,000 users, and measures how more are written; prints all of it.

    Args:
        model: Name of the model; its weights are drawn and not trained.
        num_users: Users of the data set.
        num_items: Its items.
        each: Interactions of each user.
        written: Users whose lists are written to a file.
        repeats: Measured runs of each side.

    Returns:
        The figures.

    Examples:
        >>> rows = measure("SASRec", 300, num_items=200, each=5, written=100, repeats=1)
        ours against ...
        100.0% of the lists of 300 users are RecBole's
        100 lists written: ...
    """
    with tempfile.TemporaryDirectory() as folder:
        write_dataset(Path(folder), "made", num_users, num_items, each)
        run = build_experiment(configuration(model, "made", folder, **ON, hidden_size=64))
        loaded = Loaded.of_model(run.config, run.model.eval())
        ours, theirs = _ours(loaded), _theirs(run)
        row = comparison.compare("lists", ours, theirs, repeats)
        print(comparison.table([row]))
        equal = equal_lists(loaded, run)
        print(f"{equal:.1%} of the lists of {min(_CHECKED, num_users)} users are RecBole's")
        figures = {"equal": equal, **_write(loaded, written, Path(folder))}
    print("{users} lists written: {rate:.0f} users/s, {megabytes:.0f} MB more".format(**figures))
    return [asdict(row), figures]


def _asked(loaded: Loaded, count: int) -> Asked:
    tokens = loaded.user_tokens[1:]
    chosen = np.linspace(0, len(tokens) - 1, min(count, len(tokens))).astype(int)
    return users_of(loaded, list(tokens[chosen]), "valid")


def _ours(loaded: Loaded) -> Callable[[], int]:
    asked = _asked(loaded, _COMPARED)

    def make() -> int:
        return sum(len(frame) for frame in frames(Plan(loaded, asked, _K))) // _K

    return make


def _theirs(run: Experiment) -> Callable[[], int]:
    users = _some_users(run, _COMPARED)

    def make() -> int:
        return len(_items_of_recbole(run, users))

    return make


def equal_lists(loaded: Loaded, run: Experiment) -> float:
    """The share of lists, from 0 to 1, that hold the items of RecBole's in their order.

    Args:
        loaded: The model and its data, as our lists take them.
        run: The same, as RecBole's `full_sort_topk` takes them.

    Example:
        >>> equal_lists(Loaded.of_model(run.config, run.model.eval()), run)
        1.0
    """
    users, data = _some_users(run, _CHECKED), dataset_of(run.test_data)
    tokens = list(data.id2token(data.uid_field, users))
    lists = pd.concat(frames(Plan(loaded, users_of(loaded, tokens, "valid"), _K)))
    theirs = data.id2token(data.iid_field, _items_of_recbole(run, users))
    return float((lists["item"].to_numpy().reshape(-1, _K) == theirs).all(1).mean())


def _some_users(run: Experiment, count: int) -> Tensor:
    """Users of the test set, spread evenly, [users]."""
    data = dataset_of(run.test_data)
    users: Tensor = data.inter_feat[data.uid_field].unique()
    return users[spread(len(users), count)]


def _items_of_recbole(run: Experiment, users: Tensor) -> Tensor:
    """RecBole's lists, [users, k]."""
    parts = [part.numpy() for part in users.split(_BATCH)]
    return torch.cat([full_sort_topk(part, run.model, run.test_data, _K)[1] for part in parts])


def _write(loaded: Loaded, count: int, folder: Path) -> dict[str, Any]:
    asked, begin = _asked(loaded, count), perf_counter()
    plan = Plan(loaded, asked, _K, [asked.queries])
    _, more = with_peak(lambda: write_lists(plan, folder / "lists.parquet", {}))
    rate = len(asked.tokens) / (perf_counter() - begin)
    return {"users": len(asked.tokens), "rate": rate, "megabytes": more / 1e6}
