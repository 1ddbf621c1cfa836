"""The keys of property files or of a dictionary, as RecBole reads them without a `Config`."""

from collections.abc import Mapping, Sequence

from recbole.config import Config

from recbole_fn.hooks.config import load_config_files
from recbole_fn.utils.recbole_types import Keys


def keys_of_files(file_list: Sequence[str] | None) -> Keys:
    """The keys of property files as RecBole reads them; later files win.

    Args:
        file_list: Paths, or names of packaged files.

    Raises:
        InputError: if a file is missing or broken.

    Examples:
        >>> keys_of_files(["fn.yaml"])["fn_enabled"]
        True
    """
    reader = Config.__new__(Config)
    reader.yaml_loader = reader._build_yaml_loader()
    return load_config_files(Config._load_config_files, reader, file_list)


def keys_of_dict(config_dict: Mapping[str, object] | None) -> Keys:
    """The keys of a `config_dict` with the values that RecBole reads in its strings.

    Args:
        config_dict: Keys and values.

    Examples:
        >>> keys_of_dict({"topk": "[5, 10]", "data_path": "data"})
        {'topk': [5, 10], 'data_path': 'data'}
    """
    keys: Keys = Config._convert_config_dict(None, dict(config_dict or {}))
    return keys
