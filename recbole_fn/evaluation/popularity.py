"""The yardstick of a model that has learned to rank: always recommending the most popular items."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.history import training_histories
from recbole_fn.data.loaders import dataset_of


def item_counts(dataset: Any) -> Tensor:
    """How often each item is a target in a training set, shape [num_items], float."""
    targets = dataset.inter_feat[dataset.iid_field]
    return torch.bincount(targets, minlength=dataset.item_num).float()


def item_users(loader: Any) -> Tensor:
    """How many users have had each item in training, shape [num_items], int64.

    Args:
        loader: RecBole's loader of a sequential training set.
    """
    histories = training_histories(dataset_of(loader))
    return torch.bincount(histories.pairs % histories.num_items, minlength=histories.num_items)


@contextmanager
def recommending(model: Any, scores: Tensor) -> Iterator[None]:
    """Within the context, a model of RecBole gives everybody the same scores.

    Args:
        model: The model.
        scores: A score for each item, shape [num_items], on the model's device.
    """
    model.full_sort_predict = lambda interaction: scores.repeat(len(interaction), 1)
    model.predict = lambda interaction: scores[interaction[model.ITEM_ID]]
    try:
        yield
    finally:
        del model.full_sort_predict, model.predict
