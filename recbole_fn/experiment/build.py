"""Builds a run: its configuration, data, model and trainer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger

import recbole.data
import recbole.utils
from recbole.config import Config
from recbole.trainer import Trainer
from recbole.utils import init_seed

from recbole_fn.data.loaders import dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import one_downloads
from recbole_fn.hooks.patching import register
from recbole_fn.hooks.used_keys import require_known_keys
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Dataset, Loader, Model, TrainLoader

Data = tuple[Dataset, tuple[TrainLoader, Loader, Loader]]
"""A data set, and its loaders for training, validation and test."""


@dataclass(frozen=True)
class Experiment:
    """The parts of a run.

    Examples:
        >>> parts = Experiment(None, None, None, None, None, None, trainer="a trainer")
        >>> parts.trainer
        'a trainer'

    Attributes:
        config: RecBole's configuration.
        dataset: The data set before its split.
        train_data: The loader of training rows.
        valid_data: The loader of validation rows.
        test_data: The loader of test rows.
        model: The model, on its device.
        trainer: The trainer of the model: an `FNTrainer` if `fn_enabled`, else RecBole's.
    """

    config: Config
    dataset: Dataset
    train_data: TrainLoader
    valid_data: Loader
    test_data: Loader
    model: Model
    trainer: Trainer


def read_config(
    model: str | type | None = None,
    dataset: str | None = None,
    files: Sequence[str] | None = None,
    keys: Mapping[str, object] | None = None,
) -> Config:
    """RecBole's configuration of a run; registers this package.

    Args:
        model: Name of the model, its class, or `package.module:Class`.
        dataset: Name of the data set.
        files: Property files; later ones win.
        keys: Keys that win over the files; the command line wins over both.

    Raises:
        InputError: for a mistake in a key or a file.

    Examples:
        >>> config = read_config("SASRec", "tiny", ["fn.yaml"], {"epochs": 3})
        >>> config["epochs"], config["fn_sampler"]
        (3, 'followers')
    """
    register()
    # A net: the hook of `Config` has refused what is known of keys and property files.
    with mistakes_in("the configuration"):
        config = Config(model, dataset, files and list(files), None if keys is None else dict(keys))
    require_known_keys(config)
    return config


def build_experiment(config: Config, load: Callable[[Config], Data] | None = None) -> Experiment:
    """Loads the data of a configuration, and builds its model and trainer.

    Args:
        config: RecBole's configuration.
        load: Loads the data of a configuration; `load_data` by default.

    Raises:
        InputError: for a mistake in the data, or in a key of the model.

    Examples:
        >>> run = build_experiment(config)
        >>> score, metrics = run.trainer.fit(run.train_data, run.valid_data, verbose=False)
        >>> bool(score == metrics["ndcg@10"])
        True
    """
    # A net: what is known of files and keys has been refused by `require_usable`.
    with mistakes_in(f"data set {config['dataset']!r}"):
        data = (load or load_data)(config)
    # A net: a user's class may raise anything; RecBole's keys have been checked.
    with mistakes_in(f"model {config['model']!r}"):
        return assemble(config, data)


def load_data(config: Config) -> Data:
    """The data set of a configuration, and its loaders for training, validation and test.

    Examples:
        >>> dataset, (train_data, valid_data, test_data) = load_data(config)
        >>> [len(dataset_of(loader)) for loader in (train_data, valid_data, test_data)]
        [615, 80, 80]
    """
    dataset = load_dataset(config)
    return dataset, recbole.data.data_preparation(config, dataset)


def load_dataset(config: Config) -> Dataset:
    """The data set of a configuration, before its split.

    Examples:
        >>> train_set, valid_set, test_set = load_dataset(config).build()
        >>> len(test_set)  # the last item of each user
        80
    """
    init_seed(config["seed"], config["reproducibility"])
    with one_downloads(config):
        dataset: Dataset = recbole.data.create_dataset(config)
    getLogger().info(dataset, extra=DETAIL)
    return dataset


def build_model(config: Config, train_set: Dataset) -> Model:
    """The model of a configuration, on its device, with weights that its seed determines.

    Examples:
        >>> build_model(config, dataset_of(run.train_data)).item_embedding
        Embedding(51, 16, padding_idx=0)
    """
    init_seed(config["seed"] + config["local_rank"], config["reproducibility"])
    model_class = recbole.utils.get_model(config["model"])
    model: Model = model_class(config, train_set).to(config["device"])
    getLogger().info(model, extra=DETAIL)
    return model


def assemble(config: Config, data: Data) -> Experiment:
    """Builds the model and the trainer for loaded data.

    Args:
        config: RecBole's configuration.
        data: What `load_data` returned.

    Examples:
        >>> made = assemble(config, load_data(config))
        >>> made.trainer.model is made.model
        True
    """
    dataset, loaders = data
    model = build_model(config, dataset_of(loaders[0]))
    trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(config, model)
    # The file's name contains the time, which may differ by a second between ranks.
    trainer.saved_model_file = Group.of_this_process().agree(trainer.saved_model_file)
    return Experiment(config, dataset, *loaders, model, trainer)
