"""Items that are left out of the lists of some users, or of all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import Asked, ids_of
from recbole_fn.recommendation.tables import Fields, Table, named, read_table
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.ragged import ragged_index


@dataclass(frozen=True)
class Pairs:
    """Items of each query, which are left out of its list.

    Attributes:
        items: The items, one query after another, shape [pairs].
        starts: Where those of each query begin, shape [queries + 1].

    Example:
        >>> pairs = Pairs(torch.tensor([7, 8, 9]), torch.tensor([0, 2, 3]))
        >>> pairs.items_of(torch.tensor([1, 0]))
        (tensor([0, 1, 1]), tensor([9, 7, 8]))
    """

    items: Tensor
    starts: Tensor

    @classmethod
    def of(cls, queries: Tensor, items: Tensor, num_queries: int) -> "Pairs":
        """Pairs in any order.

        Args:
            queries: The query of each pair, shape [pairs].
            items: The item of each pair, shape [pairs].
            num_queries: How many queries there are.
        """
        owner, order = queries.sort(stable=True)
        starts = torch.searchsorted(owner, torch.arange(num_queries + 1))
        return cls(items[order], starts)

    def items_of(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """For each pair of some queries [rows], its row and its item; each of shape [pairs]."""
        starts = self.starts[index]
        at, row, _ = ragged_index(starts, self.starts[index + 1] - starts)
        return row, self.items[at]


# Names of a column of users, which is another one in a data set
_LIKE_USERS = re.compile(
    r"(?i)(?:user|customer|client|visitor|member|account|session)s?[ _.-]?"
    r"(?:id|name|token|no|number|key)?|uid"
)

Excluded = Queries | Pairs
"""What is left out: the items of histories, or of a table."""


def excluded_pairs(loaded: Loaded, tokens: np.ndarray, file: Table) -> Pairs:
    """The pairs of a table of users and items; without users, its items are left out for all.

    Args:
        loaded: The model and its data.
        tokens: The names of the queries, shape [queries].
        file: The table. Users who are not asked for are passed over, and so are unknown items and
            users, with a warning.

    Raises:
        InputError: if the data set has none of its items, neither it nor the queries have one of
            its users, or a column looks like users and has another name.

    Example:
        >>> pairs = excluded_pairs(loaded, np.array(["u0", "u3"]), ["i1", "i2"])
        >>> loaded.item_tokens[pairs.items].tolist()
        ['i1', 'i2', 'i1', 'i2']
    """
    fields = Fields.of(loaded)
    table = read_table(file, fields, [fields.item], "exclude", also=[fields.user])
    names = table[fields.item]
    table = table.assign(item=ids_of(names, loaded.item_tokens))
    _note_unknown(names[table["item"] == 0], names, "items", "the data set")
    if fields.user not in table:
        _require_no_users(table, fields, named("exclude", file))
        items = torch.from_numpy(table.loc[table["item"] > 0, "item"].unique())
        count = len(tokens)
        return Pairs(items.repeat(count), torch.arange(count + 1) * len(items))
    users = table[fields.user]
    unknown = users[~users.isin([*loaded.user_tokens, *tokens])]
    _note_unknown(unknown, users, "users", "the data set or the histories")
    query = pd.Index(tokens).get_indexer(pd.Index(users))
    is_met = (query >= 0) & (table["item"] > 0).to_numpy()
    items = torch.from_numpy(table["item"].to_numpy()[is_met])
    return Pairs.of(torch.from_numpy(query[is_met]), items, len(tokens))


def _note_unknown(unknown: pd.Series, every: pd.Series, what: str, where: str) -> None:
    if not len(unknown):
        return
    number, count = unknown.nunique(), every.nunique()
    words = f"{number} of {count} {what} of exclude are not in {where}, the first "
    if number == count:
        raise InputError(f"{words}{unknown.iloc[0]!r}; exclude must have {what} that are")
    getLogger().warning(f"{words}{unknown.iloc[0]!r}: passed over.")


def _require_no_users(table: pd.DataFrame, fields: Fields, name: str) -> None:
    """A column of users with a name of its own would leave its items out for everybody."""
    for column in map(str, table.columns):
        if _LIKE_USERS.fullmatch(column):
            raise InputError(
                f"{name} has the column {column!r}, which is not read; a column of users must "
                f"be {fields.user}, or be left out where no user may have the items"
            )


def exclusions(loaded: Loaded, asked: Asked, exclude: Table | None) -> list[Excluded]:
    """What is left out.

    Args:
        loaded: The model and its data.
        asked: The histories that are continued.
        exclude: `history`, `none` or None, a file, a frame, or several separated by commas.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> table = pd.DataFrame({"item_id": ["i1"]})
        >>> [type(part).__name__ for part in exclusions(loaded, users_of(loaded, ["u0"]), table)]
        ['Pairs']
    """
    parts: Sequence[Table | None] = exclude.split(",") if isinstance(exclude, str) else [exclude]
    made: list[Excluded] = []
    for part in parts:
        if isinstance(part, str) and part == "history":
            made += [asked.queries, *_not_read(loaded, asked)]
        elif part is not None and not (isinstance(part, str) and part == "none"):
            made.append(excluded_pairs(loaded, asked.tokens, part))
    return made


def _not_read(loaded: Loaded, asked: Asked) -> list[Excluded]:
    """What users of a data set with kinds have had, also where the model reads some kinds alone."""
    log = getattr(loaded.dataset, "fn_log", None)
    if log is None or not asked.are_of_dataset:
        return []
    users = asked.queries.users
    begins = torch.searchsorted(log.users, users)
    ends = torch.searchsorted(log.users, users, right=True)
    at, row, _ = ragged_index(begins, ends - begins)
    return [Pairs.of(row, log.items[at], len(users))]
