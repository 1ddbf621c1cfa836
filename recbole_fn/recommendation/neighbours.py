"""Items that are near an item, by the vectors of a model."""

import pandas as pd
import torch
from torch.nn import functional

from recbole_fn.evaluation.top_k import top_k
from recbole_fn.recommendation.list_length import list_length
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import item_id
from recbole_fn.utils.errors import InputError


def similar(loaded: Loaded, item: str, k: int = 10) -> pd.DataFrame:
    """The items whose vectors have the highest cosine with that of an item.

    Args:
        loaded: The model and its data.
        item: The item's token.
        k: How many items.

    Returns:
        A row for each item: rank, item, cosine.

    Raises:
        InputError: if there is no such item, k is below 1, or the model has no vectors of items.

    Example:
        >>> similar(loaded, "i7", k=3)[["rank"]]
           rank
        0     1
        1     2
        2     3
    """
    k = list_length(k)
    number = item_id(loaded, item)
    embedding = getattr(loaded.model, "item_embedding", None)
    if not isinstance(embedding, torch.nn.Embedding):
        raise InputError(
            f"model {loaded.config['model']!r} of {loaded.name!r} has no vectors of items; it must "
            f"be a model with item_embedding"
        )
    table = embedding.weight.detach().float().cpu()[: loaded.dataset.item_num]
    cosines = functional.cosine_similarity(table[number].unsqueeze(0), table)
    cosines[[0, number]] = -torch.inf
    values, items = top_k(cosines.unsqueeze(0), min(k, len(table) - 2))
    ranks = range(1, values.shape[1] + 1)
    tokens = loaded.item_tokens[items[0].numpy()]
    return pd.DataFrame({"rank": ranks, "item": tokens, "cosine": values[0].numpy()})
