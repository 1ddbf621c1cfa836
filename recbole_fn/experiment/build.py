"""Puts a run together: its configuration, its data, its model and its trainer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import Any

import recbole.data
import recbole.utils
from recbole.config import Config
from recbole.utils import init_seed

from recbole_fn.data.loaders import dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import one_downloads
from recbole_fn.hooks.patching import register
from recbole_fn.utils.errors import mistakes_in

Data = tuple[Any, tuple[Any, Any, Any]]


@dataclass(frozen=True)
class Experiment:
    """What a run consists of.

    Attributes:
        config: RecBole's configuration.
        dataset: The whole data set.
        train_data: The loader of training rows.
        valid_data: The loader of validation rows.
        test_data: The loader of test rows.
        model: The model, on its device.
        trainer: The trainer of the model.
    """

    config: Any
    dataset: Any
    train_data: Any
    valid_data: Any
    test_data: Any
    model: Any
    trainer: Any


def read_config(
    model: str | type | None = None,
    dataset: str | None = None,
    files: Sequence[str] | None = None,
    keys: Mapping[str, Any] | None = None,
) -> Config:
    """RecBole's configuration of a run, with this package behind RecBole's look-ups.

    Args:
        model: Name of the model, its class, or `package.module:Class`.
        dataset: Name of the data set.
        files: Property files; later ones win.
        keys: Keys that win over the files; the command line wins over both.

    Raises:
        InputError: for a mistake in a key or a file.
    """
    register()
    with mistakes_in("the configuration"):
        return Config(model, dataset, files and list(files), None if keys is None else dict(keys))


def build_experiment(config: Any, load: Callable[[Any], Data] | None = None) -> Experiment:
    """Loads the data of a configuration, and builds its model and trainer.

    Args:
        config: RecBole's configuration.
        load: What loads the data of a configuration; `load_data` by default.

    Raises:
        InputError: for a mistake in the data, or in a key of the model.
    """
    with mistakes_in(f"data set {config['dataset']!r}"):
        data = (load or load_data)(config)
    with mistakes_in(f"model {config['model']!r}"):
        return assemble(config, data)


def load_data(config: Any) -> Data:
    """The data set of a configuration, and its loaders for training, validation and test."""
    init_seed(config["seed"], config["reproducibility"])
    with one_downloads(config):
        dataset = recbole.data.create_dataset(config)
    getLogger().info(dataset)
    return dataset, recbole.data.data_preparation(config, dataset)


def build_model(config: Any, train_data: Any) -> Any:
    """The model of a configuration, on its device, with weights that its seed determines."""
    init_seed(config["seed"] + config["local_rank"], config["reproducibility"])
    model_class = recbole.utils.get_model(config["model"])
    model = model_class(config, dataset_of(train_data)).to(config["device"])
    getLogger().info(model)
    return model


def assemble(config: Any, data: Data) -> Experiment:
    """Adds model and trainer to the data.

    Args:
        config: RecBole's configuration.
        data: What `load_data` returned.
    """
    dataset, loaders = data
    model = build_model(config, loaders[0])
    trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
    # Its name holds the time, which may differ by a second between ranks.
    trainer.saved_model_file = Group.of_this_process().agree(trainer.saved_model_file)
    return Experiment(config, dataset, *loaders, model, trainer)
