"""Recognises a training set, so that a memory of row ids is not used with other rows."""

import hashlib
from typing import Any

import torch

_CHUNK = 1 << 16  # users whose histories are cut at a time


def fingerprint(dataset: Any) -> str:
    """A hash of a training set: users, targets and histories of its rows, in order.

    A row's history is that of the user's first row and the targets since, so the lists of the
    others need not be cut.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

    Returns:
        A hexadecimal string; equal for equal rows in equal order with an equal catalogue.
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


def vocabulary(dataset: Any) -> str:
    """A hash of which item has which id."""
    tokens = "\0".join(map(str, dataset.field2id_token[dataset.iid_field]))
    return hashlib.sha256(tokens.encode()).hexdigest()


def training_set(dataset: Any) -> dict[str, Any]:
    """What tells a training set from others, and what tells people how they differ."""
    return {
        "users": int(dataset.user_num) - 1,
        "items": int(dataset.item_num) - 1,
        "rows": len(dataset.inter_feat),
        "rows_hash": fingerprint(dataset),
        "items_hash": vocabulary(dataset),
    }
