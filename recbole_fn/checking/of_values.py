"""The values of the columns that are no ids: which are missing, and which a run changes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from recbole_fn.checking.files import FileRows
from recbole_fn.checking.finding import Finding, examples, share
from recbole_fn.checking.subject import Subject
from recbole_fn.data.rounded import rounded_integers


def missing_values(subject: Subject) -> Finding:
    """The share of missing values of each column that is no id.

    Example:
        >>> from types import SimpleNamespace
        >>> cells = pd.DataFrame({"rating": ["4", ""]})
        >>> rows = SimpleNamespace(
        ...     cells=cells,
        ...     missing=cells == "",
        ...     types={"rating": "float"},
        ...     lines=[2, 3],
        ...     path=SimpleNamespace(name="tiny.inter"),
        ...     loads=lambda column, config: True,
        ... )
        >>> columns = ("user", "item", "time")
        >>> subject = SimpleNamespace(columns=columns, files=[rows], features={}, config={})
        >>> missing_values(subject).found
        'rating 1 of 2 (50 %); a run takes the mean for rating'
    """
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
    """Integers in columns of type float that float32 does not hold; times are sorted whole.

    Example:
        >>> from types import SimpleNamespace
        >>> cells = pd.DataFrame({"price": ["16777216", "16777217"]})
        >>> types, loads = {"price": "float"}, lambda column, config: True
        >>> rows = SimpleNamespace(cells=cells, types=types, loads=loads)
        >>> columns = ("user", "item", "time")
        >>> subject = SimpleNamespace(columns=columns, files=[rows], features={}, config={})
        >>> rounded(subject).examples
        ('price: 1 of 2 (50 %)',)
    """
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
