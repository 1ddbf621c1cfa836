"""What stands in the files: sizes, repeated and missing values, order in time.

A further finding is one function more, and its name in `OF_FILES`.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from recbole_fn.checking.files import FileRows
from recbole_fn.checking.finding import Finding, Look, examples, share
from recbole_fn.checking.subject import Subject
from recbole_fn.data.rounded import rounded_integers


def sizes(subject: Subject) -> Finding:
    """Interactions, users and items."""
    user, item, _ = subject.columns
    table = subject.interactions
    words = f"{len(table):,} of {table[user].nunique():,} users and {table[item].nunique():,} items"
    parts = [f"{rows.path.name} has {len(rows.cells):,}" for rows in subject.files]
    return Finding("interactions", words, examples=tuple(parts if len(parts) > 1 else ()))


def missing_ids(subject: Subject) -> Finding:
    """Ids that are empty, or that RecBole reads as missing, such as NA."""
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
    """Interactions that stand in the files before, with the same time."""
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
    """Interactions of a user at the same time, of which the order of lines decides."""
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
    """Lines that are earlier than a line of the user before."""
    user, _, time = subject.columns
    table = subject.interactions
    if time not in table:
        return None
    latest = table.groupby([user, "part"], sort=False)["place"].cummax()
    late = np.flatnonzero(latest > table["place"])
    words = share(len(late), len(table), "stand below a later one of the user")
    found = (f"{subject.where(row)}: {user} {table.at[row, user]!r}" for row in late)
    return Finding("disorder in time", words, examples=examples(found))


def missing_values(subject: Subject) -> Finding:
    """The share of missing values of each column that is no id."""
    ids = subject.columns[:2]
    files = [*subject.files, *subject.features.values()]
    columns = [(rows, name) for rows in files for name in rows.types if name not in ids]
    counts = [(rows, name, int(rows.missing[name].sum())) for rows, name in columns]
    gaps = [f"{name} {share(n, len(rows.cells))}" for rows, name, n in counts if n]
    filled = [(rows, name) for rows, name, n in counts if n and _is_filled(rows, name, subject)]
    words = "; ".join(gaps) or "none"
    if filled:
        words += f"; a run takes the mean for {', '.join(dict.fromkeys(n for _, n in filled))}"
    return Finding("missing values", words, bool(filled), examples(_gaps(counts)))


def _is_filled(rows: FileRows, name: str, subject: Subject) -> bool:
    return rows.types[name] == "float" and rows.loads(name, subject.config)


def _gaps(counts: list[tuple[FileRows, str, int]]) -> Iterator[str]:
    for rows, name, number in counts:
        if number:
            row = int(np.flatnonzero(rows.missing[name])[0])
            yield f"{name}: line {rows.lines[row]} of {rows.path.name}"


def rounded(subject: Subject) -> Finding | None:
    """Integers in columns of type float that float32 does not hold; times are sorted whole."""
    time, found = subject.columns[2], []
    for rows in [*subject.files, *subject.features.values()]:
        for name, kind in rows.types.items():
            if kind == "float" and name != time and rows.loads(name, subject.config):
                values = pd.to_numeric(rows.cells[name], errors="coerce")
                number = rounded_integers(values.to_numpy(dtype=np.float64))
                found += [f"{name}: {share(number, len(values))}"] if number else []
    if not found:
        return None
    words = "float32 changes integers of columns that a run reads; tokens keep them"
    return Finding("rounded integers", words, True, examples(found))


def alike(subject: Subject) -> Finding | None:
    """Ids that differ in spaces, in upper and lower case, or in a `.0` alone."""
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
