"""The features of items (`.item`), for a row whose item gives way to another one."""

from collections.abc import Mapping

import torch
from torch import Tensor

from recbole_fn.utils.recbole_types import Dataset


def item_features(dataset: Dataset, device: torch.device | str) -> dict[str, Tensor]:
    """The columns that RecBole joins to a row of its item, besides the id.

    Args:
        dataset: A built data set.
        device: The device of the model.

    Returns:
        The features by name, each of shape [num_items, ...]; empty if items have none.

    Example:
        >>> item_features(run.dataset, "cpu")
        {}
    """
    if dataset.item_feat is None:
        return {}
    columns = dataset.item_feat.interaction.items()
    return {name: column.to(device) for name, column in columns if name != dataset.iid_field}


def features_of(
    features: Mapping[str, Tensor], items: Tensor, prefix: str = ""
) -> dict[str, Tensor]:
    """The features of some items, as columns of a batch.

    Args:
        features: Those of all items.
        items: Item ids, shape [rows].
        prefix: What the columns' names begin with: `NEG_PREFIX` for a negative of the row.

    Returns:
        The columns by name, each of shape [rows, ...].

    Example:
        >>> prices = {"price": torch.tensor([0.0, 5.0, 7.0])}
        >>> features_of(prices, torch.tensor([2, 1]), prefix="neg_")
        {'neg_price': tensor([7., 5.])}
    """
    return {prefix + name: column[items] for name, column in features.items()}
