"""The order of each user's items: as the files say, and as a run has it."""

import numpy as np

from recbole_fn.checking.rows import Rows
from recbole_fn.checking.subject import Prepared, Subject
from recbole_fn.utils.recbole_types import Dataset


def differing_users(subject: Subject, run: Prepared) -> list[str] | None:
    """The users whose histories or targets are not those of the files.

    Args:
        subject: The files.
        run: What the run makes of them.

    Returns:
        The users as they are written; None where RecBole does not tell which interactions it
        keeps.

    Example:
        >>> from recbole_fn.checking.preparing import prepare
        >>> from recbole_fn.checking.subject import read_subject
        >>> differing_users(read_subject(config, run=None), prepare(config))
        []
    """
    if run.kept is None and run.is_filtered:
        return None
    table = subject.interactions
    if run.kept is not None:
        table = table.iloc[np.sort(run.kept)]
    user, item, _ = subject.columns
    order = np.lexsort(
        [table[key].to_numpy() for key in ("place", "part")]
    )  # the last is the first
    sequences = table.iloc[order].groupby(user, sort=False)[item].agg(tuple)
    expected = {name: items for name, items in sequences.items() if len(items) > 1}
    found = _sequences(run.rows, run.splits[0])
    names = dict.fromkeys([*expected, *found])
    return [str(name) for name in names if expected.get(name) != found.get(name)]


def _sequences(rows: Rows, dataset: Dataset) -> dict[str, tuple[str, ...] | None]:
    """The items of each user in the order of the rows; None where a history does not fit to it."""
    users, items = (dataset.field2id_token[name] for name in (dataset.uid_field, dataset.iid_field))
    order = np.argsort(rows.users, kind="stable")
    of_user, targets, last = rows.users[order], rows.targets[order], rows.last[order]
    starts = np.flatnonzero(np.r_[True, of_user[1:] != of_user[:-1]])
    found: dict[str, tuple[str, ...] | None] = {}
    for begin, end in zip(starts, [*starts[1:], len(of_user)], strict=True):
        fits = np.array_equal(last[begin + 1 : end], targets[begin : end - 1])
        whole = (items[last[begin]], *items[targets[begin:end]])
        found[str(users[of_user[begin]])] = tuple(map(str, whole)) if fits else None
    return found


def differing_lists(subject: Subject, run: Prepared) -> list[int]:
    """The rows of files with lists whose user, target, length or last item a run has otherwise.

    Args:
        subject: The files.
        run: What the run makes of them.

    Returns:
        The numbers of the interactions.

    Example:
        >>> from recbole_fn.checking.preparing import prepare
        >>> from recbole_fn.checking.subject import read_subject
        >>> differing_lists(read_subject(lists_config, run=None), prepare(lists_config))
        []
    """
    user, item, _ = subject.columns
    rows, dataset, table = run.rows, run.splits[0], subject.interactions
    users, items = (dataset.field2id_token[name] for name in (user, item))
    separator = subject.config["seq_separator"]
    lists = [[one for one in text.split(separator) if one] for text in table[list_column(subject)]]
    expected = zip(
        table[user], table[item], (one[-1] if one else "" for one in lists), map(len, lists)
    )
    columns = (users[rows.users], items[rows.targets], items[rows.last], rows.lengths)
    return [n for n, (a, b) in enumerate(zip(expected, zip(*columns))) if tuple(a) != tuple(b)]


def list_column(subject: Subject) -> str:
    """The name of the column of histories that pre-split files may have.

    Example:
        >>> from types import SimpleNamespace
        >>> config = {"ITEM_ID_FIELD": "item_id", "LIST_SUFFIX": "_list"}
        >>> list_column(SimpleNamespace(config=config))
        'item_id_list'
    """
    return str(subject.config["ITEM_ID_FIELD"] + subject.config["LIST_SUFFIX"])


def has_lists(subject: Subject) -> bool:
    """Whether the files are pre-split and their rows have histories.

    Example:
        >>> from recbole_fn.checking.subject import read_subject
        >>> has_lists(read_subject(config, run=None))
        False
    """
    return bool(subject.config["benchmark_filename"]) and list_column(subject) in (
        subject.interactions
    )
