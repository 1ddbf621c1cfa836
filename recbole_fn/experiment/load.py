"""Loads a checkpoint with its data, like RecBole's `load_data_and_model`."""

import recbole.utils
from recbole.config import Config

from recbole_fn import checkpoint
from recbole_fn.checkpoint.ids import require_same_ids
from recbole_fn.config.user_model import find_user_model
from recbole_fn.data.loaders import dataset_of
from recbole_fn.experiment.build import build_model, load_data
from recbole_fn.hooks.patching import register
from recbole_fn.hooks.run_log import begin_log
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Dataset, Loader, Model, State


def load_data_and_model(
    model_file: str, model_class: type | None = None
) -> tuple[Config, Model, Dataset, Loader, Loader, Loader]:
    """Loads a checkpoint and its data; returns what RecBole's function of this name does.

    A user's model class is imported by the path `package.module:Class` in the checkpoint, so trust
    a checkpoint as far as the modules that can be imported.

    Args:
        model_file: A checkpoint.
        model_class: The class of the model, if it cannot be imported: it was defined in a
            function, or in a script other than the running one.

    Returns:
        The configuration, the model with the weights that evaluation uses, the data set, and the
        loaders of training, validation and test.

    Raises:
        InputError: if the checkpoint cannot be loaded, or its class cannot be imported.

    Examples:
        >>> config, model, dataset, *loaders = load_data_and_model(model_file)
        >>> config["model"], dataset.item_num
        ('SASRec', 51)
    """
    state = read_state(model_file, model_class)
    config = state["config"]
    begin_log(config)
    dataset, loaders = load_data(config)
    model = restore_model(state, dataset_of(loaders[0]), model_file)
    return config, model, dataset, *loaders


def read_state(model_file: str, model_class: type | None = None) -> State:
    """What a checkpoint holds; registers this package.

    Args:
        model_file: A checkpoint.
        model_class: See `load_data_and_model`.

    Raises:
        InputError: if the checkpoint cannot be loaded, holds no configuration, or its class cannot
            be imported.

    Examples:
        >>> read_state(model_file)["config"]["model"]
        'SASRec'
    """
    register()
    state = checkpoint.load(model_file)
    if not isinstance(state.get("config"), Config):
        raise InputError(
            f"{str(model_file)!r} holds no configuration; it must be a checkpoint of a run"
        )
    config = state["config"]
    config["model"] = find_user_model(model_class) or config["model"]
    recbole.utils.get_model(config["model"])  # fails for a missing class before data is read
    return state


def restore_model(state: State, train_set: Dataset, model_file: str) -> Model:
    """The model of a checkpoint, with its weights.

    Args:
        state: What `read_state` returned.
        train_set: The built training set.
        model_file: The checkpoint, for messages.

    Raises:
        InputError: if the model cannot be made, the weights are not its weights, or the data
            set gives other ids.

    Examples:
        >>> model = restore_model(read_state(model_file), dataset_of(run.train_data), model_file)
        >>> model.item_embedding
        Embedding(51, 16, padding_idx=0)
    """
    config = state["config"]
    # torch names the weights whose shapes differ, which only it knows.
    with mistakes_in(f"checkpoint {str(model_file)!r} of model {config['model']!r}"):
        model = build_model(config, train_set)
        require_same_ids(state, train_set, model, repr(str(model_file)))
        model.load_state_dict(state["state_dict"])
        model.load_other_parameter(state.get("other_parameter"))
    return model
