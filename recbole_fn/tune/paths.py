"""Paths of files in the keys of a search: a trial stands in a folder of its own."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from recbole_fn.config.key_constraints import PATH
from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.tune.dimension import Dimension, Keys
from recbole_fn.tune.inner_keys import CHOICES
from recbole_fn.utils.recbole_types import Config

# Files that are read; what a trial writes (`fn_log`) lies in its own folder.
_READ = frozenset(
    {"data_path", "dataset_save_path", "dataloaders_save_path", "pre_model_path"}
    | {"pretrain_path", "mf_pretrain_path", "mlp_pretrain_path", "warm_up"}
)


def absolute_files(keys: Mapping[str, Any]) -> Keys:
    """Keys with absolute paths, but for those within arguments, which `Paths` knows.

    Args:
        keys: Keys as a property file has them.

    Examples:
        >>> Path(absolute_files({"data_path": "dataset"})["data_path"]).is_absolute()
        True
    """
    return {name: _absolute(value) if name in _READ else value for name, value in keys.items()}


class Paths:
    """Which keys hold paths, and makes them absolute.

    Args:
        config: RecBole's configuration.
        space: The space.

    Examples:
        >>> from types import SimpleNamespace
        >>> keys = {"fn_sampler": "listed", "fn_sampler_args": {"file": "negatives.tsv"}}
        >>> paths = Paths(SimpleNamespace(final_config_dict=keys), ())
        >>> absolute = paths.absolute({**keys, "epochs": 3})
        >>> Path(absolute["fn_sampler_args"]["file"]).is_absolute(), absolute["epochs"]
        (True, 3)
    """

    def __init__(self, config: Config, space: Sequence[Dimension]) -> None:
        given = config.final_config_dict
        names = {*given, *(one.name.split(".")[0] for one in space)}
        self._inner = {key: _arguments(key, given, space) for key in CHOICES if key in names}

    def absolute(self, keys: Mapping[str, Any]) -> Keys:
        """The keys, with absolute paths.

        Args:
            keys: Keys as a property file or a trial has them.
        """
        return {name: self._value(name, value) for name, value in keys.items()}

    def absolute_space(self, space: Iterable[Dimension]) -> tuple[Dimension, ...]:
        """The space, with absolute paths.

        Args:
            space: The space.
        """
        return tuple(
            dataclasses.replace(one, values=tuple(self._value(one.name, v) for v in one.values))
            for one in space
        )

    def _value(self, name: str, value: Any) -> Any:
        outer, _, rest = name.partition(".")
        inner = self._inner.get(outer, ())
        if isinstance(value, Mapping) and not rest:
            return {k: _absolute(v) if k in inner else v for k, v in value.items()}
        return _absolute(value) if name in _READ or rest in inner else value


def _arguments(key: str, given: Keys, space: Iterable[Dimension]) -> Collection[str]:
    """The arguments with paths of the components that the keys or the space name."""
    choice = CHOICES[key]
    names = [v for one in space if one.name == choice.key for v in one.values]
    settings = FNSettings.from_config(given)
    names = names or [getattr(settings, choice.key.removeprefix(PREFIX))]
    found = [choice.find(name).Args for name in names if isinstance(name, str)]
    fields = [field for one in found for field in dataclasses.fields(one)]
    return {field.name for field in fields if field.metadata.get("constraint") is PATH}


def _absolute(value: Any) -> Any:
    return str(Path(value).absolute()) if isinstance(value, str) and value else value
