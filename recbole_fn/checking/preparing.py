"""Makes of a configuration what a run makes of it, and writes nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import numpy as np
import recbole.data

from recbole_fn.checking.subject import Prepared
from recbole_fn.data.time_order import order_of, users_out_of_order
from recbole_fn.experiment.build import load_dataset
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.recbole_types import Config, Dataset

_EVERY = "[0,inf)"  # RecBole's default: no filter


@contextmanager
def nothing_written(config: Config) -> Iterator[str]:
    """Within the context, a run reads its files anew, writes nowhere, and logs nothing.

    Args:
        config: RecBole's configuration; changed in place.

    Yields:
        A folder that does not last.

    Example:
        >>> with nothing_written(config):
        ...     prepared = prepare(config)
        >>> (folder / "saved").exists()
        False
    """
    before = logging.root.manager.disable
    with TemporaryDirectory() as folder:
        config.final_config_dict.update(
            checkpoint_dir=folder,
            save_dataset=False,
            save_dataloaders=False,
            dataset_save_path=None,
            dataloaders_save_path=None,
        )
        logging.disable(logging.CRITICAL)
        try:
            yield folder
        finally:
            logging.disable(before)


def prepare(config: Config) -> Prepared:
    """Reads, filters, sorts and splits the data as a run does.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: where a run would stop.

    Example:
        >>> [len(split) for split in prepare(config).splits]
        [615, 80, 80]
    """
    # A net: what is known of files and keys has been refused by `require_usable`.
    with mistakes_in(f"data set {config['dataset']!r}"):
        dataset = load_dataset(config)
        order, rounded = order_of(dataset), _rounded_order(dataset)
        kept = None if order is None else order.lines.copy()
        loaders = recbole.data.data_preparation(config, dataset)
    return Prepared((dataset, loaders), kept, _filters(config), rounded)


def _filters(config: Config) -> bool:
    """Whether RecBole may leave out interactions, other than those without ids."""
    if config["benchmark_filename"]:
        return False
    keys = ("user_inter_num_interval", "item_inter_num_interval")
    numbers = any((config[key] or _EVERY) != _EVERY for key in keys)
    return numbers or bool(config["rm_dup_inter"] or config["val_interval"])


def _rounded_order(dataset: Dataset) -> int:
    """Users whose interactions a run of plain RecBole sorts by rounded times into another order."""
    rows, time = dataset.inter_feat, dataset.time_field
    if order_of(dataset) is not None or time not in rows:
        return 0
    times = rows[time].to_numpy()
    if times.dtype != np.float64:  # a numerical feature has pairs
        return 0
    return users_out_of_order(rows[dataset.uid_field].to_numpy(), times)
