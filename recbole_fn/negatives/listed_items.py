"""Reads a user's own negatives from a file or a column."""

from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Dataset
from recbole_fn.utils.separated import read_separated

_KEY = "fn_sampler_args"


@dataclass(frozen=True)
class ListedItems:
    """Items listed for each owner: a user, or a training row.

    Attributes:
        starts: Where the items of each owner begin, shape [owners + 1].
        items: Item ids, ascending and distinct for each owner, shape [listed].

    Example:
        >>> ListedItems.of(torch.tensor([2, 0, 2]), torch.tensor([7, 5, 4]), num_owners=3)
        ListedItems(starts=tensor([0, 1, 1, 3]), items=tensor([5, 4, 7]))
    """

    starts: Tensor
    items: Tensor

    @classmethod
    def of(cls, owners: Tensor, items: Tensor, num_owners: int) -> "ListedItems":
        """Sorts pairs of an owner and an item, of shape [pairs] each."""
        pairs = torch.unique(torch.stack([owners, items], dim=1), dim=0)  # [listed, 2]
        starts = torch.searchsorted(pairs[:, 0].contiguous(), torch.arange(num_owners + 1))
        return cls(starts, pairs[:, 1].contiguous())

    def to(self, device: torch.device) -> "ListedItems":
        """The same on a device."""
        return ListedItems(self.starts.to(device), self.items.to(device))


def read_file(dataset: Dataset, path: str) -> ListedItems:
    """Reads the negatives of users.

    Args:
        dataset: The training set.
        path: A file with a header and a column for users and one for items, named as the data
            set's (`user_id:token`, `item_id:token`) and separated by tabs. A cell of items may
            hold several with spaces between them.

    Raises:
        InputError: naming the file, if it cannot be read, lacks a column, or has no known pair.

    Example:
        >>> table = pd.DataFrame({"user_id": ["u0", "u1"], "item_id": ["i1 i2", "i3"]})
        >>> table.to_csv("negatives.tsv", sep=chr(9), index=False)
        >>> listed = read_file(run.dataset, "negatives.tsv")
        >>> run.dataset.id2token("item_id", listed.items).tolist()
        ['i1', 'i2', 'i3']
    """
    if not Path(path).is_file():
        raise InputError(f"{_KEY}: file is {path!r}; it must be a file, and there is none")
    # pandas names the line that it cannot read.
    with mistakes_in(f"{_KEY}: file {path!r}"):
        table = read_separated(path, "\t")
    table.columns = [str(name).split(":")[0] for name in table.columns]
    for field in (dataset.uid_field, dataset.iid_field):
        if field not in table.columns:
            raise InputError(
                f"{_KEY}: file {path!r} has the columns {', '.join(table.columns)}; it must have "
                f"{dataset.uid_field} and {dataset.iid_field}, separated by tabs"
            )
    pairs = table.assign(**{dataset.iid_field: table[dataset.iid_field].str.split()})
    pairs = pairs.explode(dataset.iid_field).dropna()
    tokens = {field: pairs[field].tolist() for field in (dataset.uid_field, dataset.iid_field)}
    ids = {field: _ids(dataset, field, names) for field, names in tokens.items()}
    users, items = ids[dataset.uid_field], ids[dataset.iid_field]
    known = (users > 0) & (items > 0)
    _report(f"file {path!r}", {n: (ids[n], tokens[n]) for n in ids}, int(known.sum()))
    return ListedItems.of(users[known], items[known], dataset.user_num)


def read_column(dataset: Dataset, column: str) -> ListedItems:
    """Reads the negatives of training rows.

    Args:
        dataset: The training set.
        column: A column of the interactions with a token or a sequence of tokens of items.

    Raises:
        InputError: naming the column, if there is none of tokens, or it has no known item.

    Example:
        >>> read_column(run.train_data.dataset, "item_id").items[:4]  # or "shown_items"
        tensor([2, 3, 4, 5])
    """
    names = dataset.field2id_token.get(column)
    if names is None or column not in dataset.inter_feat:
        raise InputError(
            f"{_KEY}: column is {column!r}; it must be one of token or token_seq that "
            f"load_col.inter reads"
        )
    values = dataset.inter_feat[column].view(len(dataset.inter_feat), -1)  # [rows, listed]
    tokens = [str(name) for name in names]
    to_item = _ids(dataset, dataset.iid_field, tokens)  # [tokens]
    to_item[0] = 0  # padding
    rows, place = values.nonzero(as_tuple=True)  # [pairs] each
    items = to_item[values[rows, place]]
    used = torch.unique(values[values > 0])
    found = to_item[used], [tokens[token] for token in used.tolist()]
    _report(f"column {column!r}", {dataset.iid_field: found}, int((items > 0).sum()))
    return ListedItems.of(rows[items > 0], items[items > 0], len(dataset.inter_feat))


def _ids(dataset: Dataset, field: str, tokens: Sequence[str]) -> Tensor:
    """Ids of tokens, 0 for an unknown one: [tokens]."""
    known = pd.Index([str(token) for token in dataset.field2id_token[field]])
    return torch.from_numpy(known.get_indexer(pd.Index(tokens, dtype=object))).clamp_min(0)


def _report(source: str, found: dict[str, tuple[Tensor, Sequence[str]]], num_known: int) -> None:
    """Names the first unknown user or item and counts all of them."""
    unknown = {
        field: list(dict.fromkeys(tokens[at] for at in (ids == 0).nonzero()[:, 0].tolist()))
        for field, (ids, tokens) in found.items()
    }
    words = [
        f"{len(names)} unknown of {field}, the first {names[0]!r}"
        for field, names in unknown.items()
        if names
    ]
    if num_known == 0:
        raise InputError(
            f"{_KEY}: {source} has no negative of a user in training: "
            f"{'; '.join(words) or 'it is empty'}; it must have some"
        )
    if words:
        getLogger().warning(f"{_KEY}: {source} has {'; '.join(words)}; they are left out.")
