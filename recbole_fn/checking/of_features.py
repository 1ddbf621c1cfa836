"""What stands in the files of items and users, beside that of interactions."""

import numpy as np

from recbole_fn.checking.finding import Finding, Look, examples, share
from recbole_fn.checking.subject import Subject


def left_out_by_features(subject: Subject) -> Finding | None:
    """Interactions whose item or user has no line in its own file: RecBole leaves them out.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> items = SimpleNamespace(cells={"item": ["5"]})
        >>> table = pd.DataFrame({"user": ["u", "u"], "item": ["5", "6"]})
        >>> subject = SimpleNamespace(
        ...     config={"filter_inter_by_user_or_item": True},
        ...     columns=("user", "item", "time"),
        ...     files=[None],
        ...     features={"item": items},
        ...     interactions=table,
        ...     where="row {}".format,
        ...     ids=lambda row: table["item"][row],
        ... )
        >>> left_out_by_features(subject).examples
        ('row 1: 6',)
    """
    filters = subject.config["filter_inter_by_user_or_item"] and len(subject.files) == 1
    unknown = np.zeros(len(subject.interactions), dtype=bool)
    for source, rows in subject.features.items():
        name = subject.columns[("user", "item").index(source)]
        unknown |= ~subject.interactions[name].isin(rows.cells[name]).to_numpy()
    if not unknown.any():
        return None
    what = "a run leaves them out" if filters else "their features are missing"
    words = share(int(unknown.sum()), len(unknown), f"have no line in .item or .user; {what}")
    found = (f"{subject.where(row)}: {subject.ids(row)}" for row in np.flatnonzero(unknown))
    return Finding("without features", words, bool(filters), examples(found))


def repeated_features(subject: Subject) -> Finding | None:
    """Items or users with several lines in their own file, of which RecBole reads the first.

    Example:
        >>> import pandas as pd
        >>> from types import SimpleNamespace
        >>> cells = pd.DataFrame({"item": ["5", "5"], "title": ["Alien", "Aliens"]})
        >>> path = SimpleNamespace(name="tiny.item")
        >>> rows = SimpleNamespace(cells=cells, lines=[2, 3], path=path)
        >>> columns = ("user", "item", "time")
        >>> repeated_features(SimpleNamespace(columns=columns, features={"item": rows})).examples
        ('line 3 of tiny.item',)
    """
    for source, rows in subject.features.items():
        name = subject.columns[("user", "item").index(source)]
        again = rows.cells.duplicated(name) & ~rows.cells.duplicated()
        if again.any():
            words = share(int(again.sum()), len(again), "lines differ from the first of their id")
            found = (f"line {rows.lines[row]} of {rows.path.name}" for row in np.flatnonzero(again))
            return Finding("repeated features", words, True, examples(found))
    return None


OF_FEATURES: tuple[Look, ...] = (left_out_by_features, repeated_features)
