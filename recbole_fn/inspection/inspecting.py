"""Trains with samplers of negatives, and describes what each of them draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import Experiment, assemble, load_data, read_config
from recbole_fn.hooks.file_keys import keys_of_files
from recbole_fn.inspection.draws import Draws
from recbole_fn.inspection.watch import Watch
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Dataset

EPOCHS = 5


@dataclass(frozen=True)
class Inspected:
    """What the samplers of one model and data set draw.

    Attributes:
        title: Model and data set.
        dataset: The data set, whose tokens are shown.
        draws: What each sampler draws in the first step of each epoch.

    Example:
        >>> Inspected("SASRec, ml-100k", None, {"dns": []}).title
        'SASRec, ml-100k'
    """

    title: str
    dataset: Dataset
    draws: dict[str, list[Draws]]


def inspect(
    model: str,
    dataset: str,
    samplers: Sequence[str],
    files: Sequence[str] | None = None,
    keys: dict[str, Any] | None = None,
) -> Inspected:
    """Trains with each sampler and describes what it draws in the first step of each epoch.

    Args:
        model: Name of the model.
        dataset: Name of the data set.
        samplers: Short names, or `package.module:Class`; each has its default arguments, or those
            of the property files if they name it.
        files: Property files; later ones win.
        keys: Keys that win over the files; `epochs` is 5 otherwise.

    Raises:
        InputError: for a mistake in keys, files or data.

    Example:
        >>> keys = {"epochs": 1, "fn_neg_num": 8, "hidden_size": 16, "show_progress": False}
        >>> inspected = inspect("SASRec", "tiny", ["dns"], keys=keys)
        >>> inspected.title, len(inspected.draws["dns"])  # an epoch
        ('SASRec, tiny', 1)
    """
    draws, built, data = {}, None, None
    for name in samplers:
        config = read_config(model, dataset, files, _keys_of(name, files, keys))
        if config["fn_sampler"] != name:
            raise InputError(
                f"fn_sampler is {config['fn_sampler']!r} in the keys; it must be left out, as "
                f"each of the samplers {', '.join(samplers)} is inspected"
            )
        # A net: what is known of files and keys has been refused by `require_usable`.
        with mistakes_in(f"data set {config['dataset']!r}"):
            data = data or load_data(config)
        # A net: a user's class may raise anything; RecBole's keys have been checked.
        with mistakes_in(f"model {config['model']!r}"):
            built = assemble(config, data)
        draws[name] = watched(built)
    assert built is not None
    return Inspected(f"{built.config['model']}, {built.config['dataset']}", built.dataset, draws)


def watched(run: Experiment) -> list[Draws]:
    """Trains a run and describes what its sampler draws in the first step of each epoch.

    Args:
        run: The run.

    Example:
        >>> epochs = watched(new_run)
        >>> [epoch.rank.shape for epoch in epochs]  # of its first rows and their negatives
        [torch.Size([64, 8]), torch.Size([64, 8])]
    """
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    step.sampler = watch = Watch(step.sampler, later_pairs(run))
    run.trainer.fit(run.train_data, None, verbose=False, saved=False)
    return watch.epochs


def later_pairs(run: Experiment) -> Tensor:
    """`user * num_items + item` of all targets of validation and test, ascending, shape [pairs].

    Args:
        run: The run.

    Example:
        >>> pairs = later_pairs(run)
        >>> (pairs // run.dataset.item_num).bincount()[:4]  # two of each user
        tensor([0, 2, 2, 2])
    """
    held_out = [dataset_of(loader) for loader in (run.valid_data, run.test_data)]
    pairs = [
        one.inter_feat[one.uid_field] * one.item_num + one.inter_feat[one.iid_field]
        for one in held_out
    ]
    found: Tensor = torch.unique(torch.cat(pairs))
    return found


def _keys_of(name: str, files: Sequence[str] | None, keys: dict[str, Any] | None) -> dict[str, Any]:
    in_files = keys_of_files(files)
    own = in_files.get("fn_sampler_args") if in_files.get("fn_sampler") == name else None
    chosen = {"fn_sampler": name, "fn_sampler_args": own}
    return {"fn_enabled": True, "epochs": EPOCHS, **chosen, **(keys or {})}
