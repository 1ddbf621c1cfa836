"""Identifies a run's data by hashes, so that stored row ids are not used with other rows."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.utils.recbole_types import Dataset, Loader

_CHUNK = 1 << 16  # users whose histories are read at a time


def fingerprint(dataset: Dataset) -> str:
    """Hashes the users, targets and histories of the rows of a built data set, in order.

    A row's history is that of the user's first row plus the targets since then, so only first
    rows need their lists.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training, validation or test.

    Returns:
        A hexadecimal string; equal for equal rows in equal order with an equal catalogue.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> def dataset(*targets):
        ...     fields = {"user": [1, 1], "item": targets, "n": [1, 2], "list": [[5, 0], [5, 6]]}
        ...     rows = Interaction({name: torch.tensor(field) for name, field in fields.items()})
        ...     return SimpleNamespace(
        ...         inter_feat=rows, user_num=2, item_num=9, uid_field="user", iid_field="item",
        ...         item_list_length_field="n", item_id_list_field="list",
        ...     )
        >>> fingerprint(dataset(6, 7)) == fingerprint(dataset(6, 7))
        True
        >>> fingerprint(dataset(6, 7)) == fingerprint(dataset(6, 8))
        False
    """
    digest = hashlib.sha256(f"{dataset.user_num} {dataset.item_num}".encode())
    rows = dataset.inter_feat
    for field in (dataset.uid_field, dataset.iid_field, dataset.item_list_length_field):
        digest.update(rows[field].numpy().tobytes())
    users = rows[dataset.uid_field]
    first = torch.ones_like(users, dtype=torch.bool)
    first[1:] = users[1:] != users[:-1]
    for chunk in first.nonzero().squeeze(1).split(_CHUNK):
        digest.update(rows[chunk][dataset.item_id_list_field].numpy().tobytes())
    return digest.hexdigest()


def vocabulary(dataset: Dataset, field: str) -> str:
    """Hashes the assignment of tokens to ids.

    Args:
        dataset: A data set of RecBole.
        field: The column of the tokens.

    Example:
        >>> from types import SimpleNamespace
        >>> tokens = {"item": ["[PAD]", "book", "film"]}
        >>> vocabulary(SimpleNamespace(field2id_token=tokens), "item")[:8]
        'e973bc30'
    """
    tokens = "\0".join(map(str, dataset.field2id_token[field]))
    return hashlib.sha256(tokens.encode()).hexdigest()


def held_out(built_datasets: Iterable[Dataset]) -> str:
    """Hashes the rows of validation and test.

    Args:
        built_datasets: Their built data sets.

    Example:
        >>> held_out([])[:8]
        'e3b0c442'
    """
    hashes = "".join(map(fingerprint, built_datasets))
    return hashlib.sha256(hashes.encode()).hexdigest()


def training_set(loader: Loader) -> dict[str, Any]:
    """The sizes and hashes by which the data of two runs are compared, as a checkpoint stores them.

    Args:
        loader: The loader of training; its sampler knows the hash of validation and test.

    Example:
        Two runs have the same data if these are equal:

        >>> training_set(run.train_data) == training_set(new_run.train_data)
        True
        >>> training_set(run.train_data)["rows"]
        615
    """
    dataset = dataset_of(loader)
    return {
        "users": int(dataset.user_num) - 1,
        "items": int(dataset.item_num) - 1,
        "rows": len(dataset.inter_feat),
        "rows_hash": fingerprint(dataset),
        "users_hash": vocabulary(dataset, dataset.uid_field),
        "items_hash": vocabulary(dataset, dataset.iid_field),
        "held_out_hash": sampler_of(loader).held_out,
    }


def differing(saved: Mapping[str, Any], ours: Mapping[str, Any]) -> set[str]:
    """The names of what differs between two results of `training_set`.

    Args:
        saved: What a checkpoint stores; earlier versions stored less.
        ours: That of this run.

    Example:
        >>> sorted(differing({"rows": 3, "rows_hash": "5f"}, {"rows": 3, "rows_hash": "d1"}))
        ['rows_hash']
        >>> differing({"rows": 3}, {"rows": 3, "held_out_hash": "5f"})
        set()
    """
    return {name for name in saved if saved[name] != ours.get(name)}
