"""What prepared data depends on: keys, the contents of files, and versions."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.utils.hashes import hash_of
from recbole_fn.utils.recbole_types import Config

Origin = dict[str, dict[str, str]]
"""`keys`, `files` and `versions`, and each of them by name."""

# What RecBole's data sets read beside the keys that RecBole lists for them.
OF_DATASET = frozenset(
    {"dataset", "seed", "repeatable", "eval_args", "encoding"}
    | {"convert_token_to_onehot", "discretization", "numerical_features", "token_num_threshold"}
    | {"entity_kg_num_interval", "relation_kg_num_interval", "kg_reverse_r"}
)
# What samplers, loaders and their transforms read beside that.
OF_LOADERS = frozenset(
    {"model", "MODEL_TYPE", "MODEL_INPUT_TYPE", "train_stage"}
    | {"train_batch_size", "eval_batch_size", "worker", "shuffle", "single_spec", "world_size"}
    | {"train_neg_sample_args", "valid_neg_sample_args", "test_neg_sample_args"}
    | {"transform", "mask_ratio", "ft_ratio", "beta", "eta", "MASK_INDEX", "MASK_ITEM_SEQ"}
    | {"CROP_ITEM_SEQ", "CROP_ITEM_SEQ_LEN", "INVERSE_ITEM_SEQ", "REORDER_ITEM_SEQ"}
    | {"POS_ITEMS", "NEG_ITEMS"}
)
# The kinds of feedback, which are a column of the data set.
OF_KINDS = frozenset({"fn_feedback_field", "fn_feedback_negative", "fn_feedback_neutral"})
# Settings that say how a run trains on and writes, not what it reads.
_OF_RUNS = frozenset({"save_every", "callbacks", "patience", "log"})
_VERSIONS = ("recbole", "torch", "numpy", "pandas")


def keys_of_dataset(config: Config) -> frozenset[str]:
    """The keys that a data set depends on, before it is split.

    Args:
        config: RecBole's configuration.

    Example:
        >>> from types import SimpleNamespace
        >>> keys = keys_of_dataset(SimpleNamespace(parameters={"Dataset": ["field_separator"]}))
        >>> "field_separator" in keys, "seed" in keys, "epochs" in keys
        (True, True, False)
    """
    return OF_DATASET.union(config.parameters["Dataset"])


def origin_of_dataset(config: Config, class_name: str) -> Origin:
    """What a data set is made of.

    Args:
        config: RecBole's configuration.
        class_name: Name of its class.

    Example:
        >>> from recbole.config import Config
        >>> config = Config("FPMC", "ml-100k", config_dict={"seed": 7})
        >>> origin_of_dataset(config, "SequentialDataset")["keys"]["seed"]
        '7'
    """
    keys = {"class of the data set": class_name, **_values(config, keys_of_dataset(config))}
    if config["fn_enabled"] and config["fn_feedback_field"] is not None:
        keys |= _values(config, OF_KINDS)
    return {"keys": keys, "files": files_of(config), "versions": _versions()}


def origin_of_loaders(config: Config) -> Origin:
    """What the loaders of training, validation and test are made of.

    Args:
        config: RecBole's configuration.

    Example:
        >>> from recbole.config import Config
        >>> config = Config("FPMC", "ml-100k", config_dict={"train_batch_size": 64})
        >>> origin_of_loaders(config)["keys"]["train_batch_size"]
        '64'
    """
    settings = asdict(FNSettings.from_config(config.final_config_dict))
    ours = {PREFIX + k: _text(v) for k, v in sorted(settings.items()) if k not in _OF_RUNS}
    keys = {**ours, **_values(config, keys_of_dataset(config) | OF_LOADERS)}
    return {"keys": keys, "files": files_of(config), "versions": _versions()}


def files_of(config: Config) -> dict[str, str]:
    """The size and the hash of each file of a data set, by name.

    Args:
        config: RecBole's configuration.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Path(folder, "tiny.inter").touch()
        ...     files_of({"data_path": folder, "dataset": "tiny"})
        {'tiny.inter': '0 bytes, SHA-256 e3b0c442...'}
    """
    folder, name = Path(config["data_path"]), config["dataset"]
    paths = sorted(path for path in folder.glob(f"{name}.*") if path.is_file())
    return {path.name: f"{path.stat().st_size} bytes, SHA-256 {hash_of(path)}" for path in paths}


def changed_file(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The first file of a data set that is not as it was; None if all are, or nothing is known.

    Args:
        before: What `files_of` said; empty if it is not known.
        now: What it says now; empty where the files are not there yet.

    Example:
        >>> changed_file({"tiny.inter": "9 bytes"}, {"tiny.inter": "8 bytes"})
        'tiny.inter'
        >>> changed_file({}, {"tiny.inter": "8 bytes"}) is None
        True
    """
    if not before or not now:
        return None
    names = dict.fromkeys([*now, *before])
    return next((name for name in names if before.get(name) != now.get(name)), None)


def difference(before: Mapping[str, Mapping[str, str]], now: Origin) -> str | None:
    """The first thing in which two origins differ; None if they are equal.

    Args:
        before: What something was made of.
        now: What it would be made of now.

    Example:
        >>> before = {"keys": {"seed": "1"}, "files": {}, "versions": {}}
        >>> difference(before, {**before, "keys": {"seed": "2"}})
        'seed was 1 and is 2'
        >>> difference(before, {**before, "files": {"tiny.inter": "9 bytes, SHA-256 0f"}})
        'file tiny.inter has changed'
    """
    for kind, values in now.items():
        earlier = before.get(kind, {})
        for name in dict.fromkeys([*values, *earlier]):
            was, now_is = earlier.get(name, "null"), values.get(name, "null")
            if was != now_is and kind == "files":
                return f"file {name} has changed"
            if was != now_is:
                return f"{name} was {was} and is {now_is}"
    return None


def _values(config: Config, names: Iterable[str]) -> dict[str, str]:
    return {name: _text(config[name]) for name in sorted(names)}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _versions() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in _VERSIONS}
    return {**versions, "recbole_fn's code": _hash_of_code()}


@cache
def _hash_of_code() -> str:
    """A hash of this package's modules: between two releases the version stays."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
