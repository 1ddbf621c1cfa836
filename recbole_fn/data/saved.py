"""Saved data sets and loaders, each with a file beside it that says what it was made of."""

import json
from pathlib import Path
from typing import Any

import recbole.data.dataset
from recbole.utils import ModelType

from recbole_fn.data.origin import Origin, difference, hash_of
from recbole_fn.utils.files import as_json, write_whole
from recbole_fn.utils.recbole_types import Config

_CLASSES = {
    ModelType.SEQUENTIAL: "SequentialDataset",
    ModelType.KNOWLEDGE: "KnowledgeBasedDataset",
}


def class_of_dataset(config: Config) -> str:
    """The name of the class of RecBole's data set for a model.

    Args:
        config: RecBole's configuration.

    Example:
        >>> class_of_dataset({"model": "SASRec", "MODEL_TYPE": ModelType.SEQUENTIAL})
        'SequentialDataset'
        >>> class_of_dataset({"model": "DIEN", "MODEL_TYPE": ModelType.SEQUENTIAL})
        'DIENDataset'
    """
    own = f"{config['model']}Dataset"
    if hasattr(recbole.data.dataset, own):
        return own
    return _CLASSES.get(config["MODEL_TYPE"], "Dataset")


def dataset_file(config: Config, class_name: str) -> Path:
    """Where RecBole saves a data set.

    Args:
        config: RecBole's configuration.
        class_name: Name of the data set's class.

    Example:
        >>> config = {"checkpoint_dir": "saved", "dataset": "tiny"}
        >>> dataset_file(config, "SequentialDataset").as_posix()
        'saved/tiny-SequentialDataset.pth'
    """
    return Path(config["checkpoint_dir"], f"{config['dataset']}-{class_name}.pth")


def loaders_file(config: Config) -> Path:
    """Where RecBole saves loaders.

    Args:
        config: RecBole's configuration.

    Example:
        >>> config = {"checkpoint_dir": "saved", "dataset": "tiny", "model": "SASRec"}
        >>> loaders_file(config).as_posix()
        'saved/tiny-for-SASRec-dataloader.pth'
    """
    name = f"{config['dataset']}-for-{config['model']}-dataloader.pth"
    return Path(config["checkpoint_dir"], name)


def note_origin(path: Path, origin: Origin) -> None:
    """Notes what a saved file was made of.

    Args:
        path: The file.
        origin: What it was made of.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Path(folder, "tiny.pth").touch()
        ...     note_origin(Path(folder, "tiny.pth"), {"keys": {}, "files": {}, "versions": {}})
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['tiny.pth', 'tiny.pth.origin.json']
    """
    text = as_json({"saved": hash_of(path), **origin})
    write_whole(_note_of(path), text)


def obstacle(path: Path, origin: Origin) -> str | None:
    """Why a saved file must not be used; None if all that it was made of is the same now.

    Args:
        path: The file.
        origin: What it would be made of now.

    Example:
        >>> obstacle(Path("tiny.pth"), {"keys": {}, "files": {}, "versions": {}})
        'tiny.pth.origin.json, which says what it was made of, is missing'
    """
    before = _read(path)
    if not before:
        return f"{_note_of(path).name}, which says what it was made of, is missing"
    if before.get("saved") != hash_of(path):
        return f"it was written again without {_note_of(path).name}"
    return difference(before, origin)


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.origin.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        origin = json.loads(_note_of(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return origin if isinstance(origin, dict) else {}
