"""Saved data sets and loaders, each with a file beside it that says what it was made of."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import recbole.data.dataset
from recbole.utils import ModelType

from recbole_fn.data.origin import Origin, difference
from recbole_fn.utils.claims import in_turn
from recbole_fn.utils.files import as_json, replaced, write_whole
from recbole_fn.utils.hashes import hash_in, hash_of
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


@contextmanager
def saved_with(path: Path, origin: Origin) -> Iterator[IO[bytes]]:
    """Opens a file that takes its place, with a note of what it was made of, at the context's end.

    The note has the file's hash, so of several writers nobody's file is taken for another's.

    Args:
        path: The file.
        origin: What it is made of.

    Yields:
        The file to write to.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     origin = {"keys": {}, "files": {}, "versions": {}}
        ...     with saved_with(Path(folder, "tiny.pth"), origin) as file:
        ...         _ = file.write(b"1234")
        ...     sorted(path.name for path in Path(folder).glob("t*"))
        ['tiny.pth', 'tiny.pth.origin.json']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as turn:
        with replaced(path) as file:
            yield file
            file.flush()
            note = as_json({"saved": hash_of(Path(file.name)), **origin})
            turn.enter_context(in_turn(path))
        write_whole(_note_of(path), note)


def opened(path: Path) -> IO[bytes] | None:
    """A saved file; None if there is none. Whatever takes its place, this one is read.

    Args:
        path: The file.

    Example:
        >>> opened(Path("nowhere.pth")) is None
        True
    """
    try:
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return None


def obstacle(path: Path, file: IO[bytes], origin: Origin) -> str | None:
    """Why a saved file must not be used; None if all that it was made of is the same now.

    Args:
        path: Its name.
        file: The file, `opened`.
        origin: What it would be made of now.

    Example:
        >>> from io import BytesIO
        >>> obstacle(Path("tiny.pth"), BytesIO(), {"keys": {}, "files": {}, "versions": {}})
        'tiny.pth.origin.json, which says what it was made of, is missing'
    """
    before = _read(path)
    if not before:
        return f"{_note_of(path).name}, which says what it was made of, is missing"
    if before.get("saved") != hash_in(file):
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
