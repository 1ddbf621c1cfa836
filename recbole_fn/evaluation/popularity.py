"""The popularity baseline: recommends the most popular items to everybody."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from recbole_fn.data.history import training_histories
from recbole_fn.data.loaders import dataset_of
from recbole_fn.utils.recbole_types import Dataset, Loader, Model


def item_counts(dataset: Dataset) -> Tensor:
    """Counts how often each item is a target.

    Args:
        dataset: The built training set.

    Returns:
        The counts, shape [num_items], float.

    Example:
        >>> from types import SimpleNamespace
        >>> rows = {"item": torch.tensor([3, 1, 3])}
        >>> item_counts(SimpleNamespace(inter_feat=rows, iid_field="item", item_num=4))
        tensor([0., 1., 0., 2.])
    """
    targets = dataset.inter_feat[dataset.iid_field]
    return torch.bincount(targets, minlength=dataset.item_num).float()


def item_users(loader: Loader) -> Tensor:
    """Counts the users who have had each item in training.

    Args:
        loader: The loader of a sequential training set.

    Returns:
        The counts, shape [num_items], int64.

    Example:
        Users 1 and 2 have had item 3, user 1 also item 2:

        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> fields = {"user": [1, 2], "item": [3, 3], "item_list": [[2], [0]]}
        >>> dataset = SimpleNamespace(
        ...     inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ...     item_num=4, user_num=3,
        ... )
        >>> item_users(SimpleNamespace(_dataset=dataset))
        tensor([0, 0, 1, 2])
    """
    return training_histories(dataset_of(loader)).item_counts()


@contextmanager
def recommending(model: Model, scores: Tensor) -> Iterator[None]:
    """Lets a model return the same scores for everybody within the context.

    Args:
        model: The model.
        scores: A score for each item, shape [num_items], on the model's device.

    Example:
        >>> model = torch.nn.Module()
        >>> with recommending(model, torch.tensor([0.0, 2.0, 1.0])):
        ...     print(model.full_sort_predict(["a row"]))
        tensor([[0., 2., 1.]])
    """
    model.full_sort_predict = lambda interaction: scores.repeat(len(interaction), 1)
    model.predict = lambda interaction: scores[interaction[model.ITEM_ID]]
    try:
        yield
    finally:
        del model.full_sort_predict, model.predict
