"""Warns of features that RecBole's conversion to float32 changes."""

from logging import getLogger

import numpy as np
import pandas as pd
from recbole.utils import FeatureType

from recbole_fn.data.rounded import rounded_integers
from recbole_fn.utils.recbole_types import Dataset


def warn_of_rounded_integers(dataset: Dataset) -> None:
    """Logs a line for each column of integers that float32 does not hold, but for the timestamps.

    The order of interactions is that of the whole timestamps, and no model of RecBole reads them.

    Args:
        dataset: A data set before its columns become tensors.

    Examples:
        RecBole calls the hook in `build`:

        >>> import recbole.data
        >>> [len(split) for split in recbole.data.create_dataset(config).build()]
        [615, 80, 80]
    """
    tables = [getattr(dataset, f"{name}_feat", None) for name in ("inter", "user", "item")]
    for table in (one for one in tables if one is not None):
        for field in map(str, table):
            is_float = dataset.field2type[field] == FeatureType.FLOAT
            if is_float and field != dataset.time_field:
                _warn_if_rounded(field, table[field])


def _warn_if_rounded(field: str, values: pd.Series) -> None:
    if values.dtype != np.float64:  # a numerical feature has pairs
        return
    rows = rounded_integers(values.to_numpy())
    if rows:
        getLogger().warning(
            f"{field}:float holds integers that float32 rounds: {rows} of {len(values)} rows have "
            f"another value; it must be {field}:token if they name things, or smaller numbers, "
            f"such as differences, if they measure something"
        )
