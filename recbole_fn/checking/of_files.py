"""What stands in the files: sizes, ids, repeated interactions, order in time.

A further finding is one function more, and its name in `OF_FILES`.
"""

import numpy as np

from recbole_fn.checking.finding import Finding, Look, examples, share
from recbole_fn.checking.of_values import missing_values, rounded
from recbole_fn.checking.subject import Subject


def sizes(subject: Subject) -> Finding:
    """Interactions, users and items.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": ["a", "a", "b"], "item": ["5", "6", "5"]})
        >>> columns = ("user", "item", "time")
        >>> subject = SimpleNamespace(columns=columns, interactions=table, files=())
        >>> sizes(subject).found
        '3 of 2 users and 2 items'
    """
    user, item, _ = subject.columns
    table = subject.interactions
    words = f"{len(table):,} of {table[user].nunique():,} users and {table[item].nunique():,} items"
    parts = [f"{rows.path.name} has {len(rows.cells):,}" for rows in subject.files]
    return Finding("interactions", words, examples=tuple(parts if len(parts) > 1 else ()))


def missing_ids(subject: Subject) -> Finding:
    """Ids that are empty, or that RecBole reads as missing, such as NA.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": ["a", "NA"], "item": ["5", "6"]})
        >>> columns, rows = ("user", "item", "time"), SimpleNamespace(missing=table == "NA")
        >>> subject = SimpleNamespace(
        ...     columns=columns, interactions=table, files=[rows], where="row {}".format
        ... )
        >>> missing_ids(subject).examples
        ("row 1 has the user 'NA'",)
    """
    user, item, _ = subject.columns
    tables = [rows.missing[[user, item]].to_numpy() for rows in subject.files]
    places = np.argwhere(np.concatenate(tables))
    words = share(len(places), 2 * len(subject.interactions), "ids")
    found = (
        f"{subject.where(row)} has the {name} {subject.interactions.at[row, name]!r}"
        for row, name in ((row, (user, item)[column]) for row, column in places)
    )
    return Finding("missing ids", words, len(places) > 0, examples(found))


def duplicates(subject: Subject) -> Finding:
    """Interactions that stand in the files before, with the same time.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": ["a", "a"], "item": ["5", "5"], "place": [0, 0]})
        >>> columns, words = ("user", "item", "time"), {"where": str, "ids": lambda row: "a, 5"}
        >>> subject = SimpleNamespace(columns=columns, interactions=table, files=[None], **words)
        >>> duplicates(subject).examples
        ('1: a, 5',)
    """
    keys = [name for name in subject.columns if name in subject.interactions]
    keys = [*keys[:2], "place", *(["part"] if len(subject.files) > 1 else [])]
    table = subject.interactions
    repeated = np.flatnonzero(table.duplicated(keys))
    pairs = int(table.duplicated(keys[:2]).sum())
    words = share(len(repeated), len(table), "stand there before, with the same time")
    if pairs:
        words += f"; {share(pairs, len(table), 'repeat user and item')}"
    found = (f"{subject.where(row)}: {subject.ids(row)}" for row in repeated)
    return Finding("duplicates", words, examples=examples(found))


def ties(subject: Subject) -> Finding | None:
    """Interactions of a user at the same time, of which the order of lines decides.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": "a", "time": "", "place": [4, 7, 7], "part": 0})
        >>> columns = ("user", "item", "time")
        >>> subject = SimpleNamespace(columns=columns, interactions=table, where=str)
        >>> ties(subject).examples
        ("1: user 'a'", "2: user 'a'")
    """
    user, _, time = subject.columns
    table = subject.interactions
    if time not in table:
        return None
    tied = np.flatnonzero(table.duplicated([user, "place", "part"], keep=False))
    words = share(len(tied), len(table), "are at the time of another one of the user")
    order = "; the order of lines decides" if len(tied) else ""
    found = (f"{subject.where(row)}: {user} {table.at[row, user]!r}" for row in tied)
    return Finding("ties in time", words + order, examples=examples(found))


def disorder(subject: Subject) -> Finding | None:
    """Lines that are earlier than a line of the user before.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": "a", "time": "", "place": [7, 4], "part": 0})
        >>> columns = ("user", "item", "time")
        >>> subject = SimpleNamespace(columns=columns, interactions=table, where=str)
        >>> disorder(subject).examples
        ("1: user 'a'",)
    """
    user, _, time = subject.columns
    table = subject.interactions
    if time not in table:
        return None
    latest = table.groupby([user, "part"], sort=False)["place"].cummax()
    late = np.flatnonzero(latest > table["place"])
    words = share(len(late), len(table), "stand below a later one of the user")
    found = (f"{subject.where(row)}: {user} {table.at[row, user]!r}" for row in late)
    return Finding("disorder in time", words, examples=examples(found))


def alike(subject: Subject) -> Finding | None:
    """Ids that differ in spaces, in upper and lower case, or in a `.0` alone.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> table = pd.DataFrame({"user": ["Ann", "ann", "bob"], "item": "5"})
        >>> subject = SimpleNamespace(columns=("user", "item", "time"), interactions=table)
        >>> alike(subject).examples
        ("user 'Ann', 'ann'",)
    """
    same: list[str] = []
    for name in subject.columns[:2]:
        ids = subject.interactions[name].drop_duplicates()
        plain = ids.str.strip().str.lower().str.replace(r"\.0+$", "", regex=True)
        groups = ids.groupby(plain).agg(list)
        same += [f"{name} {', '.join(map(repr, group))}" for group in groups if len(group) > 1]
    if not same:
        return None
    words = (
        f"{len(same):,} groups of ids differ in case, spaces or .0 alone; a run tells them apart"
    )
    return Finding("ids alike", words, examples=examples(same))


OF_FILES: tuple[Look, ...] = (
    *(sizes, missing_ids, duplicates, ties, disorder, missing_values, rounded, alike),
)
