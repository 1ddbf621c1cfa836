"""Identifies a training set by a hash, so that stored row ids are not used with other rows."""

import hashlib
from typing import Any

import torch

from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 1 << 16  # users whose histories are read at a time


def fingerprint(dataset: Dataset) -> str:
    """Hashes the users, targets and histories of a training set's rows, in order.

    A row's history is that of the user's first row plus the targets since then, so only first
    rows need their lists.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

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


def vocabulary(dataset: Dataset) -> str:
    """Hashes the assignment of item tokens to ids.

    Args:
        dataset: A data set of RecBole.

    Example:
        >>> from types import SimpleNamespace
        >>> tokens = {"item": ["[PAD]", "book", "film"]}
        >>> vocabulary(SimpleNamespace(field2id_token=tokens, iid_field="item"))[:8]
        'e973bc30'
    """
    tokens = "\0".join(map(str, dataset.field2id_token[dataset.iid_field]))
    return hashlib.sha256(tokens.encode()).hexdigest()


def training_set(dataset: Dataset) -> dict[str, Any]:
    """The sizes and hashes by which two training sets are compared, as a checkpoint stores them.

    Example:
        Needs a built training set; two are the same if these are equal::

            training_set(run.trainer.fn_train_dataset)["rows"]
    """
    return {
        "users": int(dataset.user_num) - 1,
        "items": int(dataset.item_num) - 1,
        "rows": len(dataset.inter_feat),
        "rows_hash": fingerprint(dataset),
        "items_hash": vocabulary(dataset),
    }
