"""Whole histories out of pre-split files, where their lists are what the user had before."""

import torch
from torch import Tensor

from recbole_fn.data.lists import Prefixes
from recbole_fn.utils.recbole_types import Dataset


def keep_part_histories(dataset: Dataset) -> None:
    """Sets `fn_users` and `fn_prefixes` of a data set of pre-split files, see `WholeHistories`.

    A user's history is the first list and then the target of each row, if that explains all lists.
    If it does not, `fn_users` is empty, and the sources are the targets.

    Args:
        dataset: RecBole's data set of `benchmark_filename`, built.

    Example:
        >>> from recbole.data import create_dataset
        >>> train_set, *_ = create_dataset(parts_config).build()
        >>> keep_part_histories(train_set)
        >>> len(train_set.fn_users)  # interactions; 0 if the files do not say what a history is
        695
    """
    rows, field = dataset.inter_feat, dataset.iid_field + dataset.config["LIST_SUFFIX"]
    users, order = rows[dataset.uid_field].sort(stable=True)
    first, targets = rows[field][order, 0], rows[dataset.iid_field][order]
    owners, prefixes = _joined(users, first, targets, field, rows[field].shape[1])
    lengths = rows[dataset.item_list_length_field][order]
    same_lists = torch.equal(prefixes.cut(field), rows[field][order])
    if not (same_lists and torch.equal(prefixes.lengths, lengths)):
        none = torch.zeros(0, dtype=torch.long)
        owners, prefixes = none, Prefixes({field: targets}, none, none, prefixes.width)
    dataset.fn_users, dataset.fn_prefixes = owners, prefixes  # type: ignore[attr-defined]


def _joined(
    users: Tensor, first: Tensor, targets: Tensor, field: str, width: int
) -> tuple[Tensor, Prefixes]:
    """The user of each interaction, and the lists that the rows then have.

    Args:
        users: The user of each row, ascending, shape [rows].
        first: The first item of each row's list, shape [rows].
        targets: Shape [rows].
        field: Name of the lists.
        width: Items in a list.
    """
    counts = torch.unique_consecutive(users, return_counts=True)[1]
    number = torch.repeat_interleave(torch.arange(len(counts)), counts)  # of each row's user
    begins = counts.cumsum(0) - counts  # the first row of each user
    ends = torch.arange(len(users)) + 1 + number  # a source more for each user up to here
    items = targets.new_empty(len(users) + len(counts))
    items[ends] = targets
    items[begins + torch.arange(len(counts))] = first[begins]
    owners = torch.repeat_interleave(users[begins], counts + 1)
    lengths = (torch.arange(len(users)) - begins[number] + 1).clamp_max(width)
    return owners, Prefixes({field: items}, ends, lengths, width)
