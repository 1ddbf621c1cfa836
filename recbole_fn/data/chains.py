"""Whether lists that a file gives are what the user had before, row after row."""

import torch

from recbole_fn.utils.recbole_types import Dataset

_CHUNK = 100_000  # rows whose lists are read at a time


def lists_chain(dataset: Dataset, field: str | None = None) -> bool:
    """Whether each list is the one before it and that row's own value, as far as it has room.

    Only rows that follow one another and have the same user are compared.

    Args:
        dataset: A built sequential data set with whole lists, not `PrefixInteraction`.
        field: The column whose lists are compared; by default that of the items.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction
        >>> def rows(*lists):
        ...     fields = {"user": [1, 1], "item": [8, 9], "item_list": lists, "n": [1, 2]}
        ...     return SimpleNamespace(
        ...         inter_feat=Interaction({k: torch.tensor(v) for k, v in fields.items()}),
        ...         uid_field="user", iid_field="item", item_list_length_field="n",
        ...         config={"LIST_SUFFIX": "_list"},
        ...     )
        >>> lists_chain(rows([7, 0], [7, 8])), lists_chain(rows([7, 0], [6, 8]))
        (True, False)
    """
    rows, field = dataset.inter_feat, field or dataset.iid_field
    users, lists = rows[dataset.uid_field], rows[field + dataset.config["LIST_SUFFIX"]]
    for part in (users[1:] == users[:-1]).nonzero().squeeze(1).split(_CHUNK):
        before, after = lists[part], lists[part + 1]  # [pairs, width]
        length = rows[dataset.item_list_length_field][part].unsqueeze(1)  # [pairs, 1]
        grown = torch.cat([before, torch.zeros_like(before[:, :1])], 1)
        grown.scatter_(1, length, rows[field][part].unsqueeze(1))
        is_full = length == before.shape[1]
        if not torch.equal(after, torch.where(is_full, grown[:, 1:], grown[:, :-1])):
            return False
    return True
