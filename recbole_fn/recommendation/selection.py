"""Which histories are continued, and which items may be recommended."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.data.whole_histories import queries_of_items
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.tables import Fields, Table, read_table
from recbole_fn.recommendation.times import ordered_times
from recbole_fn.utils.errors import InputError


@dataclass(frozen=True)
class Asked:
    """Histories to continue.

    Attributes:
        queries: The histories.
        tokens: The user's or session's own name of each, shape [queries].
        unknown_items: Items of the histories that the data set does not have.
        unknown_users: Users whose id is 0, because training does not know them.
        are_of_dataset: Whether they are the histories that users of the data set have.

    Example:
        >>> users_of(loaded, ["u0", "u3"]).tokens.tolist()
        ['u0', 'u3']
    """

    queries: Queries
    tokens: np.ndarray
    unknown_items: int = 0
    unknown_users: int = 0
    are_of_dataset: bool = False


def users_of(loaded: Loaded, users: Table | None = None, until: str = "test") -> Asked:
    """Users of the data set, with their histories.

    Args:
        loaded: The model and its data.
        users: Their tokens, or a file with a column of them; all with a history by default. One
            without, such as a user whose feedback the model does not read, has an empty one.
        until: See `Loaded.queries`.

    Raises:
        InputError: if the data set does not have a user.

    Example:
        >>> users_of(loaded, ["u0", "u3"], until="train").queries.lengths
        tensor([12, 11])
    """
    queries, tokens = loaded.queries(until), loaded.user_tokens
    if users is not None:
        fields = Fields.of(loaded)
        names = read_table(users, fields, [fields.user], "users")[fields.user].drop_duplicates()
        ids = ids_of(names, tokens)
        _require_known(names[ids == 0], len(names), "users")
        queries = queries.of_users(torch.from_numpy(ids))
    return Asked(queries, tokens[queries.users.numpy()], are_of_dataset=True)


def histories_of(loaded: Loaded, histories: Table) -> Asked:
    """Histories that a user brings: of sessions or users that training may never have seen.

    Items are in the order of their times, or of the lines if there is no column of times.

    Args:
        loaded: The model and its data.
        histories: Lists of items by user, or a file or frame with columns of users and items.

    Raises:
        InputError: if a column is missing, or a time is none.

    Example:
        >>> asked = histories_of(loaded, {"session1": ["i7", "i8", "lamp"]})
        >>> asked.queries.lengths, asked.unknown_items
        (tensor([2]), 1)
    """
    fields = Fields.of(loaded)
    table = read_table(histories, fields, [fields.user, fields.item], "histories")
    if fields.time in table:
        table = table.assign(**{fields.time: ordered_times(table[fields.time])})
        table = table.sort_values(fields.time, kind="stable")
    owners = pd.Index(table[fields.user])
    # No row tells of a history without items.
    given = [str(name) for name in histories] if isinstance(histories, Mapping) else owners
    names = pd.Index(given, dtype=object).unique()
    number = names.get_indexer(owners)
    items = ids_of(table[fields.item], loaded.item_tokens)
    order = np.argsort(number, kind="stable")
    order = order[items[order] > 0]
    sizes = np.bincount(number[order], minlength=len(names))
    users = torch.from_numpy(ids_of(pd.Series(names), loaded.user_tokens))
    queries = queries_of_items(
        loaded.dataset, users, torch.from_numpy(sizes), torch.from_numpy(items[order])
    )
    return Asked(queries, np.asarray(names), int((items == 0).sum()), int((users == 0).sum()))


def allowed_items(loaded: Loaded, items: Table) -> Tensor:
    """A mask of the items of a table, shape [num_items].

    Raises:
        InputError: if the data set does not have an item.

    Example:
        >>> allowed_items(loaded, ["i7", "i8"]).sum()
        tensor(2)
    """
    fields = Fields.of(loaded)
    names = read_table(items, fields, [fields.item], "items")[fields.item].drop_duplicates()
    ids = ids_of(names, loaded.item_tokens)
    _require_known(names[ids == 0], len(names), "items")
    mask = torch.zeros(loaded.dataset.item_num, dtype=torch.bool)
    mask[torch.from_numpy(ids)] = True
    return mask


def item_id(loaded: Loaded, token: str) -> int:
    """The id of an item.

    Raises:
        InputError: if the data set does not have it.

    Example:
        >>> loaded.dataset.id2token("item_id", [item_id(loaded, "i7")]).tolist()
        ['i7']
    """
    (number,) = ids_of(pd.Series([token]), loaded.item_tokens)
    _require_known(pd.Series([token] if number == 0 else []), 1, "items")
    return int(number)


def ids_of(names: pd.Series, tokens: np.ndarray) -> np.ndarray:
    """The ids of tokens; 0 for one that the data set does not have.

    Args:
        names: The tokens, shape [names].
        tokens: The token of each id, shape [ids].

    Example:
        >>> ids_of(pd.Series(["lamp", "sofa"]), np.array(["[PAD]", "book", "lamp"]))
        array([2, 0])
    """
    found = pd.Index(tokens).get_indexer(pd.Index(names.astype(str)))
    ids: np.ndarray = np.maximum(found, 0)
    return ids


def _require_known(unknown: pd.Series, count: int, what: str) -> None:
    if len(unknown):
        raise InputError(
            f"{len(unknown)} of {count} {what} are not in the data set, the first "
            f"{unknown.iloc[0]!r}; they must be {what} that the model was trained with"
        )
