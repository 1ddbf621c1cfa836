"""A data set that keeps the whole history of each user, and histories that it does not have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.lists import Prefixes
from recbole_fn.data.prefixes import FNSequentialDataset
from recbole_fn.data.queries import Queries
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset

STAGES = ("train", "valid", "test")


class WholeHistories(FNSequentialDataset):
    """A sequential data set that keeps all interactions, and whose they are, when it is built.

    The rows of training have no user with a single interaction, and none with the last item of
    a user in its list.

    Attributes:
        fn_users: The user of each interaction that histories read, ascending, shape [interactions].
        fn_prefixes: The lists of the data set's rows; its sources have all interactions.

    Example:
        >>> dataset: WholeHistories = loaded.dataset
        >>> dataset.fn_users.shape  # [interactions]
        torch.Size([855])
    """

    fn_users: Tensor
    fn_prefixes: Prefixes

    def data_augmentation(self) -> None:
        """Makes the rows, and keeps what they were made of."""
        users: Tensor = self.inter_feat[self.uid_field].sort().values
        super().data_augmentation()
        self.fn_users = getattr(self, "fn_source_users", users)  # with kinds, of those read
        self.fn_prefixes = self.inter_feat.interaction.prefixes


def keep_whole_histories(dataset: Dataset) -> None:
    """Makes `build` keep all interactions.

    Args:
        dataset: A sequential data set of RecBole that is not built yet; its class is changed.

    Example:
        >>> keep_whole_histories(new_run.dataset)
        >>> isinstance(new_run.dataset, WholeHistories)
        True
    """
    plain: Any = type(dataset)
    dataset.__class__ = type(plain.__name__, (WholeHistories, plain), {})


def queries_of(dataset: WholeHistories, splits: Sequence[Dataset], until: str = "test") -> Queries:
    """The history of each user.

    Args:
        dataset: A data set that `keep_whole_histories` was called for, after `build`.
        splits: What `build` returned: training, validation and test.
        until: The last split whose interactions are part of the history: `train`, `valid` or
            `test`. A user's first interaction, which is no row of any split, always is.

    Raises:
        InputError: if `until` is not `test`, and interactions have kinds (`fn_feedback_field`).

    Example:
        >>> queries = queries_of(loaded.dataset, loaded.splits, until="valid")  # as in test rows
        >>> queries.rows(torch.arange(10))["item_id_list"].shape
        torch.Size([10, 16])
    """
    users, sizes = torch.unique_consecutive(dataset.fn_users, return_counts=True)
    queries = Queries.of_sources(users, sizes, _items_first(dataset), _fields(dataset))
    queries = replace(queries, blank=blank_lists(dataset))
    if until == STAGES[-1]:
        return queries
    if hasattr(dataset, "fn_source_users"):
        raise InputError(
            f"until is {until!r} and fn_feedback_field is set, so that not every interaction is a "
            f"row; until must be test"
        )
    rows = torch.zeros(dataset.user_num, dtype=torch.long)
    for split in splits[: STAGES.index(until) + 1]:
        rows += torch.bincount(split.inter_feat[split.uid_field], minlength=len(rows))
    return replace(queries, ends=torch.minimum(queries.ends, queries.starts + 1 + rows[users]))


def queries_of_items(
    dataset: WholeHistories,
    users: Tensor,
    sizes: Tensor,
    items: Tensor,
    more: Mapping[str, Tensor] | None = None,
) -> Queries:
    """Histories that the data set does not have.

    Args:
        dataset: The data set that the model was made for, built.
        users: User ids, 0 for an unknown user, shape [queries].
        sizes: Items in each history, shape [queries].
        items: The items of the histories, one after another, shape [items].
        more: What else each item has, such as its kind of feedback, by the name of the list; each
            of shape [items].

    Example:
        >>> one = queries_of_items(loaded.dataset, *torch.tensor([[0], [2]]), torch.tensor([7, 8]))
        >>> one.rows(torch.arange(1))["item_id_list"][0, :3]
        tensor([7, 8, 0])
    """
    kept = _items_first(dataset)
    lists = replace(kept, sources={next(iter(kept.sources)): items, **(more or {})})
    return Queries.of_sources(users, sizes, lists, _fields(dataset), blank_lists(dataset))


def blank_lists(dataset: Dataset) -> tuple[str, ...]:
    """The list of drawn negatives that DIEN reads for its additional loss of training.

    Example:
        >>> from types import SimpleNamespace
        >>> blank_lists(SimpleNamespace())
        ()
    """
    field = getattr(dataset, "neg_item_list_field", None)
    return () if field is None else (field,)


def _fields(dataset: Dataset) -> tuple[str, str, str]:
    return dataset.uid_field, dataset.iid_field, dataset.item_list_length_field


def _items_first(dataset: WholeHistories) -> Prefixes:
    name = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    sources = dataset.fn_prefixes.sources
    return replace(dataset.fn_prefixes, sources={name: sources[name], **sources})
