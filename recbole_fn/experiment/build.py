"""Puts a run of RecBole together, piece by piece, as its `run_recbole` does before training."""

from dataclasses import dataclass
from logging import getLogger
from typing import Any

import recbole.data
import recbole.utils
from recbole.utils import init_seed

from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import one_downloads


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


def load_data(config: Any) -> tuple[Any, tuple[Any, Any, Any]]:
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
    model = model_class(config, train_data._dataset).to(config["device"])
    getLogger().info(model)
    return model


def assemble(config: Any, data: tuple[Any, tuple[Any, Any, Any]]) -> Experiment:
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
