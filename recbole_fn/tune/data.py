"""The data set of a search: read once, and handed to the trials."""

import pickle
from typing import Any

import recbole.data
from recbole.utils import init_seed

from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.recbole_types import Config


def packed(config: Config) -> bytes:
    """Reads, filters and numbers a data set, and packs it; a trial changes what it unpacks.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: for a mistake in the data.

    Examples:
        >>> type(packed(config)).__name__
        'bytes'
    """
    # A net: what is known of files and keys has been refused by `require_usable`.
    with mistakes_in(f"data set {config['dataset']!r}"):
        return pickle.dumps(recbole.data.create_dataset(config), protocol=5)


def unpacked(config: Config, data: bytes) -> tuple[Any, tuple[Any, Any, Any]]:
    """What `load_data` returns, from a packed data set.

    Args:
        config: The configuration of the trial.
        data: What `packed` returned.

    Examples:
        >>> dataset, (train_data, valid_data, test_data) = unpacked(config, packed(config))
        >>> len(train_data.dataset), len(dataset)
        (615, 775)
    """
    init_seed(config["seed"], config["reproducibility"])
    dataset = pickle.loads(data)
    dataset.config = config
    return dataset, recbole.data.data_preparation(config, dataset)
