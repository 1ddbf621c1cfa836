"""Whether a configuration and its data set's files can be used, before they are read."""

from recbole_fn.config.advance_checks import (
    require_metrics_of_mode,
    require_parts,
    require_transform_argument,
)
from recbole_fn.data.file_checks import require_dataset
from recbole_fn.data.header_checks import require_headers
from recbole_fn.utils.recbole_types import Config


def require_usable(config: Config) -> None:
    """Names in advance what would end the run later, with an error of an inner layer.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the key, or the file and what is wrong in it.

    Example:
        >>> require_usable(config)
        >>> config["dataset"] = "nowhere"
        >>> require_usable(config)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: data set file 'dataset/tiny/nowhere.inter' cannot be ...
    """
    require_parts(config)
    require_metrics_of_mode(config)
    require_transform_argument(config)
    require_dataset(config)
    require_headers(config)
