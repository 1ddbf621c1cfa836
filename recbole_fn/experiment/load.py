"""Loads a checkpoint with its data, like RecBole's `load_data_and_model`."""

import recbole.utils
from recbole.config import Config

from recbole_fn import checkpoint
from recbole_fn.config.user_model import find_user_model
from recbole_fn.experiment.build import build_model, load_data
from recbole_fn.hooks.patching import register
from recbole_fn.hooks.run_log import begin_log
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.recbole_types import Dataset, Loader, Model


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
        Needs a checkpoint::

            config, model, dataset, *loaders = load_data_and_model("saved/SASRec.pth")
    """
    register()
    state = checkpoint.load(model_file)
    config = state["config"]
    config["model"] = find_user_model(model_class) or config["model"]
    recbole.utils.get_model(config["model"])  # fails for a missing class before data is read
    begin_log(config)
    dataset, loaders = load_data(config)
    with mistakes_in(f"checkpoint {str(model_file)!r} of model {config['model']!r}"):
        model = build_model(config, loaders[0])
        model.load_state_dict(state["state_dict"])
        model.load_other_parameter(state.get("other_parameter"))
    return config, model, dataset, *loaders
