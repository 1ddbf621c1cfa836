"""What a search is: model, data set, keys that all trials share, space and settings."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from recbole_fn.config.settings import CONSTRAINTS
from recbole_fn.experiment import build
from recbole_fn.hooks.command_line import command_line
from recbole_fn.tune.settings import PREFIX, TuneSettings
from recbole_fn.tune.space import Dimension, Keys, dimensions, expanded, require_readable
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json, write_whole

_PATHS = ("data_path", "pre_model_path")  # a trial stands elsewhere
# What makes a data set what it is, beside the keys that RecBole counts as those of its data.
_OF_DATA = {"data_path", "save_dataset", "fn_enabled", "fn_loss", "train_stage"}


@dataclass(frozen=True)
class Search:
    """A search; its trials have numbers from 0.

    Attributes:
        model: Name of the model, or `package.module:Class`.
        dataset: Name of the data set.
        shared: Keys of the property files and of the caller, which all trials share.
        space: The keys that are searched over.
        outer: The values of outer keys that hold a key of the space.
        settings: The `tune_` keys.
    """

    model: str
    dataset: str
    shared: Keys
    space: tuple[Dimension, ...]
    outer: Keys
    settings: TuneSettings

    def keys_of(self, chosen: Mapping[str, Any]) -> Keys:
        """All keys of a trial, as one property file has them.

        Args:
            chosen: The values of the keys of the space.
        """
        named: Keys = {"model": self.model, "dataset": self.dataset}
        if self.settings.gpus_per_trial == 0:
            named["use_gpu"] = False
        return {**self.shared, **expanded(chosen, self.outer), **named}

    def config(self, chosen: Mapping[str, Any], folder: Path, **more: Any) -> Any:
        """RecBole's configuration of a trial.

        Args:
            chosen: The values of the keys of the space.
            folder: A folder for its property file.
            **more: Keys of the place where the trial runs.

        Raises:
            InputError: for a mistake in a key.
        """
        path = folder / "trial.yaml"
        write_whole(path, as_yaml({**self.keys_of(chosen), **more}))
        return read_config(self.model, self.dataset, [str(path)])

    def with_settings(self, keys: Mapping[str, Any]) -> "Search":
        """The search with other `tune_` keys."""
        now = {PREFIX + name: value for name, value in asdict(self.settings).items()}
        return replace(self, settings=TuneSettings.from_keys({**now, **keys}))

    def as_text(self) -> str:
        """The search as YAML."""
        space = {one.name: {one.kind: list(one.values)} for one in self.space}
        return as_yaml({**asdict(self), "space": space})

    @classmethod
    def from_text(cls, text: str) -> "Search":
        """The search that `as_text` wrote."""
        fields = yaml.safe_load(text)
        space = tuple(dimensions(fields.pop("space")))
        settings = TuneSettings(**fields.pop("settings"))
        return cls(**fields, space=space, settings=settings)


def define(
    model: str,
    dataset: str,
    in_files: Keys,
    fixed: Keys,
    space: Iterable[Dimension],
    tune_keys: Keys,
) -> tuple[Search, Any]:
    """Defines a search, and checks it.

    Args:
        model: Name of the model, or `package.module:Class`.
        dataset: Name of the data set.
        in_files: Keys of property files; `tune_` keys among them count least.
        fixed: Keys that win over the files and over the space; `tune_` keys count most.
        space: The space.
        tune_keys: `tune_` keys that come with it.

    Returns:
        The search, and the configuration without any key of the space.

    Raises:
        InputError: for a mistake in a key, the space or the settings.
    """
    settings = TuneSettings.from_keys({**in_files, **tune_keys, **fixed})
    shared = {k: v for k, v in {**in_files, **fixed}.items() if not k.startswith(PREFIX)}
    for name in _PATHS:
        if isinstance(shared.get(name), str):
            shared[name] = str(Path(shared[name]).absolute())
    left = tuple(one for one in space if one.name.split(".")[0] not in fixed)
    config = read_config(model, dataset, None, shared)
    require_readable(left, config.final_config_dict, _known(config))
    _require_listed(left, settings)
    outer = {one.name.split(".")[0] for one in left if "." in one.name}
    search = Search(model, dataset, shared, left, {k: config[k] for k in outer}, settings)
    # What is written is what is run: tuples become lists.
    return Search.from_text(search.as_text()), config


def shares_data(search: Search, config: Any) -> bool:
    """Whether one data set is right for all trials.

    Args:
        search: The search.
        config: RecBole's configuration of any trial.
    """
    of_data = {*config.parameters["Dataset"], *_OF_DATA}
    return not any(one.name.split(".")[0] in of_data for one in search.space)


def read_config(model: str, dataset: str, files: list[str] | None, keys: Keys | None = None) -> Any:
    """RecBole's configuration, without a look at the command line.

    Raises:
        InputError: for a mistake in a key.
    """
    with command_line(), _devices_kept():
        return build.read_config(model, dataset, files, keys)


def as_yaml(keys: Mapping[str, Any]) -> str:
    """Keys as a property file, in which they keep their types, but for tuples."""
    text: str = yaml.safe_dump(json.loads(as_json(keys)), sort_keys=False, allow_unicode=True)
    return text


@contextmanager
def _devices_kept() -> Iterator[None]:
    """RecBole writes its `gpu_id` where Ray reads which GPUs there are."""
    name = "CUDA_VISIBLE_DEVICES"
    before = os.environ.get(name)
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before


def _known(config: Any) -> set[str]:
    """All keys that RecBole, the model, its files and this package have."""
    arguments = {name for names in config.parameters.values() for name in names}
    return {*config.final_config_dict, *arguments, *CONSTRAINTS}


def _require_listed(space: tuple[Dimension, ...], settings: TuneSettings) -> None:
    """Grid search needs lists; optuna and hyperopt choose by themselves."""
    if not space:
        raise InputError("every key of the space is given; one key at least must not be")
    for one in space:
        if settings.search == "grid" and one.kind not in ("choice", "grid"):
            raise InputError(
                f"{one.name} of the space is {one.kind}; with tune_search: grid it must be "
                f"choice or grid"
            )
        if settings.search in ("optuna", "hyperopt") and one.kind == "grid":
            raise InputError(
                f"{one.name} of the space is grid; with tune_search: {settings.search} it must "
                f"be another one, such as choice"
            )
