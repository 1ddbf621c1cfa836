"""Recommends in one call."""

from collections.abc import Sequence
from logging import getLogger
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor

from recbole_fn.data.whole_histories import STAGES
from recbole_fn.recommendation.conditions import where_mask
from recbole_fn.recommendation.exclusion import exclusions
from recbole_fn.recommendation.list_length import list_length
from recbole_fn.recommendation.lists import Plan, frames
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.selection import Asked, allowed_items, histories_of, users_of
from recbole_fn.recommendation.tables import Table
from recbole_fn.utils.errors import InputError

Trained = str | Path | Loaded | Sequence[Any]
"""A checkpoint, a `Loaded`, or what `load_data_and_model` returned."""


def recommend(
    checkpoint_or_model: Trained,
    users: Table | None = None,
    histories: Table | None = None,
    k: int = 10,
    exclude: Table | None = "history",
    items: Table | None = None,
    *,
    where: str | None = None,
    until: str = "test",
    cold: str | None = None,
) -> pd.DataFrame:
    """Recommends items to users, from their whole histories.

    Args:
        checkpoint_or_model: A checkpoint of this package or of plain RecBole; or, to load it once
            for several calls, a `Loaded` or what `load_data_and_model` returned.
        users: Users of the data set: a list, or a file with a column of them; all by default.
        histories: Instead of users, histories that training need not have seen: lists of items by
            user, or a frame or file (.inter, .csv, .parquet) with columns of users and items, in
            the order of its times or lines. Unknown items are left out.
        k: Items of a list; a list is shorter where fewer are left.
        exclude: What is not recommended: `history` (items that the user has had), `none` or None,
            or a file or frame of items, or of users and items; `history,sold_out.csv` is both.
        items: The only items that may be recommended: a list, or a file with a column of them.
        where: The same by a feature in the data set's .item file, such as `genre == Comedy`.
        until: Where histories end: with the items of `test`, `valid` or `train`.
        cold: What a history without a known item gets: `popular` items, whose score is their
            number of interactions; None for an error.

    Returns:
        A row for each item of each list: user, rank (from 1), item, score. Users and items are the
        data set's own tokens; of equal scores the item with the lowest id comes first.

    Raises:
        InputError: for a mistake in an argument, or a checkpoint that cannot be loaded.

    Example:
        >>> recommend(model_file, users=["u0", "u3"], k=2)[["user", "rank"]]
          user  rank
        0   u0     1
        1   u0     2
        2   u3     1
        3   u3     2
        >>> recommend(loaded, histories={"new": ["i7", "i8"]}, items=["i9"])["item"].tolist()
        ['i9']
    """
    plan = make_plan(checkpoint_or_model, users, histories, k, exclude, items, where, until, cold)
    columns = ["user", "rank", "item", "score"]
    parts = list(frames(plan))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def make_plan(
    trained: Trained,
    users: Table | None,
    histories: Table | None,
    k: int,
    exclude: Table | None,
    items: Table | None,
    where: str | None,
    until: str,
    cold: str | None,
) -> Plan:
    """What `recommend` will do; its arguments are those of that function.

    Raises:
        InputError: for a mistake in an argument.

    Example:
        >>> plan = make_plan(loaded, ["u0"], None, 10, "none", None, None, "test", None)
        >>> len(plan.asked.queries), plan.excluded
        (1, [])
    """
    k = list_length(k)
    _require(users, histories, until, cold)
    loaded = load(trained)
    asked = users_of(loaded, users, until) if histories is None else histories_of(loaded, histories)
    if cold is None:
        require_items(asked, "cold must be popular to recommend the most popular items to them")
    _note_unknown(asked)
    allowed = _allowed(loaded, items, where)
    return Plan(loaded, asked, k, exclusions(loaded, asked, exclude), allowed, cold == "popular")


def _allowed(loaded: Loaded, items: Table | None, where: str | None) -> Tensor | None:
    """A mask of the items that may be recommended, at least one; None for all."""
    allowed = None if items is None else allowed_items(loaded, items)
    if allowed is not None and not allowed.any():
        raise InputError("items is empty; it must have at least one item")
    if where is None:
        return allowed
    mask = where_mask(loaded, where)
    if allowed is not None and not (mask & allowed).any():
        raise InputError(
            f"where is {where!r}, which none of the items of items satisfies; at least one must"
        )
    return mask if allowed is None else mask & allowed


def load(trained: Trained) -> Loaded:
    """The model and its data.

    Raises:
        InputError: if a checkpoint cannot be loaded.
        TypeError: for anything that is no `Trained`.

    Example:
        >>> load(loaded) is loaded
        True
        >>> load(model_file).name == model_file
        True
    """
    if isinstance(trained, Loaded):
        return trained
    if isinstance(trained, str | Path):
        return Loaded.from_file(trained)
    if isinstance(trained, Sequence) and len(trained) >= 2:
        return Loaded.of_model(*trained[:2])
    raise TypeError(
        f"checkpoint_or_model is a {type(trained).__name__}; it must be a file, a Loaded, or what "
        f"load_data_and_model returned"
    )


def _require(users: Table | None, histories: Table | None, until: str, cold: str | None) -> None:
    if users is not None and histories is not None:
        raise InputError("users and histories are both set; only one of them must be")
    if until not in STAGES:
        raise InputError(f"until is {until!r}; it must be one of {', '.join(STAGES)}")
    if histories is not None and until != "test":
        raise InputError(f"until is {until!r}, but histories are used whole; it must be left out")
    if cold not in (None, "popular"):
        raise InputError(f"cold is {cold!r}; it must be popular, or left out")


def require_items(asked: Asked, must: str) -> None:
    """Refuses histories without a known item.

    Args:
        asked: The histories.
        must: What must be instead, for the message.

    Raises:
        InputError: if there is such a history.

    Example:
        >>> from recbole_fn.recommendation.selection import users_of
        >>> require_items(users_of(loaded), "users must have some")
    """
    empty = (asked.queries.lengths == 0).nonzero().squeeze(1)
    if len(empty):
        what = "model reads" if asked.are_of_dataset else "data set has"
        raise InputError(
            f"{len(empty)} of {len(asked.tokens)} histories have no item that the {what}, the "
            f"first {asked.tokens[int(empty[0])]!r}; {must}"
        )


def _note_unknown(asked: Asked) -> None:
    if asked.unknown_items:
        getLogger().warning(f"{asked.unknown_items} items of the histories are unknown: left out")
    if asked.unknown_users:
        getLogger().warning(
            f"{asked.unknown_users} of {len(asked.tokens)} histories are of users unknown to "
            f"training; a model with vectors of users has none of theirs"
        )
