"""What a search is: model, data set, keys that all trials share, space and settings."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from recbole_fn.experiment import build
from recbole_fn.hooks.command_line import command_line
from recbole_fn.tune.dimension import Dimension, Keys, dimensions
from recbole_fn.tune.settings import PREFIX, TuneSettings
from recbole_fn.tune.space import expanded
from recbole_fn.utils.files import as_json, write_whole


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

    Examples:
        >>> space = (Dimension("learning_rate", "choice", (0.01, 0.001)),)
        >>> search = Search("SASRec", "tiny", {"epochs": 9}, space, {}, TuneSettings())
        >>> search.keys_of({"learning_rate": 0.01})
        {'epochs': 9, 'learning_rate': 0.01, 'model': 'SASRec', 'dataset': 'tiny'}
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


def read_config(model: str, dataset: str, files: list[str] | None, keys: Keys | None = None) -> Any:
    """RecBole's configuration, without a look at the command line.

    Raises:
        InputError: for a mistake in a key.

    Examples:
        >>> read_config("SASRec", "tiny", ["fn.yaml"], {"epochs": 3})["epochs"]
        3
    """
    with command_line(), _devices_kept():
        return build.read_config(model, dataset, files, keys)


def as_yaml(keys: Mapping[str, Any]) -> str:
    """Keys as a property file, in which they keep their types, but for tuples.

    Examples:
        >>> print(as_yaml({"epochs": 3, "topk": (5, 10)}).strip())
        epochs: 3
        topk:
        - 5
        - 10
    """
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
