"""Recognises a training set, so that a memory of row ids is not used with other rows."""

import hashlib
from typing import Any


def fingerprint(dataset: Any) -> str:
    """A hash of a training set's rows: users, targets and history lengths, in order.

    Args:
        dataset: A built `SequentialDataset` of RecBole, for training.

    Returns:
        A hexadecimal string; equal for equal rows in equal order with an equal catalogue.
    """
    digest = hashlib.sha256(f"{dataset.user_num} {dataset.item_num}".encode())
    for field in (dataset.uid_field, dataset.iid_field, dataset.item_list_length_field):
        digest.update(dataset.inter_feat[field].numpy().tobytes())
    return digest.hexdigest()
