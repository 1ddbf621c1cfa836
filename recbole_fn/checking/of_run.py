"""What a run makes of the files: its rows, histories and targets."""

import numpy as np
import pandas as pd
import torch

from recbole_fn.checking.finding import Finding, Look, examples, share
from recbole_fn.checking.of_feedback import (
    differing_users_of_kinds,
    has_kinds,
    items_before,
)
from recbole_fn.checking.rows import items_seen
from recbole_fn.checking.sequences import (
    differing_lists,
    differing_users,
    has_lists,
    list_column,
)
from recbole_fn.checking.subject import Prepared, Subject

_PARTS = ("training", "validation", "test")
_AS_IN_THE_FILES = "as in the files, for all users"


def run_of(subject: Subject) -> Prepared:
    """What a run makes of the files; to be called where it does not stop.

    Example:
        >>> from types import SimpleNamespace
        >>> run_of(SimpleNamespace(run="a run"))
        'a run'
    """
    assert subject.run is not None
    return subject.run


def rows(subject: Subject) -> Finding:
    """The rows of each part.

    Example:
        >>> from types import SimpleNamespace
        >>> splits = [SimpleNamespace(inter_feat=range(size)) for size in (8, 1, 1)]
        >>> run = SimpleNamespace(splits=splits, kept=None)
        >>> rows(SimpleNamespace(run=run, interactions=range(12))).found
        '8 of training, 1 of validation, 1 of test'
    """
    run, total = run_of(subject), len(subject.interactions)
    counts = [len(split.inter_feat) for split in run.splits]
    words = ", ".join(f"{count:,} of {part}" for part, count in zip(_PARTS, counts, strict=True))
    if run.kept is not None and len(run.kept) < total:
        left_out = share(total - len(run.kept), total, "interactions are left out by filters")
        words += f"; {left_out}"
    return Finding("rows", words)


def histories(subject: Subject) -> Finding | None:
    """Whether histories and targets are those of the files, in the order of their times.

    Example:
        >>> from types import SimpleNamespace
        >>> whole = {"is_sequential": True, "kept": None, "is_filtered": True, "rounded_order": 0}
        >>> subject = SimpleNamespace(
        ...     run=SimpleNamespace(splits=[None], **whole),
        ...     config={"benchmark_filename": None},
        ...     columns=("user", "item", "time"),
        ...     interactions=pd.DataFrame({"user": ["a", "b"]}),
        ... )
        >>> histories(subject).found
        'as in the files, for all users'
    """
    run, name = run_of(subject), "histories and targets"
    if not run.is_sequential:
        return None
    if has_lists(subject):
        wrong = differing_lists(subject, run)
        words = share(len(wrong), len(subject.interactions), "rows differ from the files")
        found = words if wrong else _AS_IN_THE_FILES
        return Finding(name, found, bool(wrong), examples(map(subject.where, wrong)))
    total = subject.interactions[subject.columns[0]].nunique()
    differing = differing_users_of_kinds if has_kinds(run) else differing_users
    users = differing(subject, run)
    if users is None:
        words = share(run.rounded_order, total, "users have them in the order of rounded times")
        found = words if run.rounded_order else _AS_IN_THE_FILES
        return Finding(name, found, run.rounded_order > 0)
    words = share(len(users), total, "users have others than in the files")
    found = words if users else _AS_IN_THE_FILES
    return Finding(name, found, bool(users), examples(f"user {user!r}" for user in users))


def cut(subject: Subject) -> Finding | None:
    """Histories that are longer than the lists of a model.

    Example:
        >>> from types import SimpleNamespace
        >>> rows = SimpleNamespace(users=np.array([1, 1, 1]), lengths=np.array([1, 2, 2]))
        >>> split = SimpleNamespace(field2id_token={"user": ["[PAD]", "a"]})
        >>> subject = SimpleNamespace(
        ...     run=SimpleNamespace(is_sequential=True, rows=rows, splits=[split]),
        ...     config={"benchmark_filename": None, "MAX_ITEM_LIST_LENGTH": 2},
        ...     columns=("user", "item", "time"),
        ... )
        >>> cut(subject).found
        '1 of 3 (33 %) rows; the latest 2 items are kept'
    """
    run, (user, _, _) = run_of(subject), subject.columns
    if not run.is_sequential or has_lists(subject):
        return None
    users = pd.Series(run.rows.users)
    before = users.groupby(users).cumcount().to_numpy() + 1  # of the same user
    if has_kinds(run):
        before = items_before(run)
    is_cut = before > run.rows.lengths
    latest = subject.config["MAX_ITEM_LIST_LENGTH"]
    words = share(int(is_cut.sum()), len(users), f"rows; the latest {latest} items are kept")
    names = run.splits[0].field2id_token[user]
    cut_users = (f"{user} {str(names[one])!r}" for one in users[is_cut].unique())
    return Finding("histories cut", words, examples=examples(cut_users))


def cut_lists(subject: Subject) -> Finding | None:
    """Lists of the files of which `seq_len` keeps the first items, which are the oldest.

    Example:
        >>> from types import SimpleNamespace
        >>> files = {"benchmark_filename": ["train"]}
        >>> names = {"ITEM_ID_FIELD": "item", "LIST_SUFFIX": "_list"}
        >>> subject = SimpleNamespace(
        ...     config={**names, **files, "seq_separator": " ", "seq_len": {"item_list": 2}},
        ...     interactions=pd.DataFrame({"item_list": ["5 6", "5 6 7"]}),
        ...     where="row {}".format,
        ... )
        >>> cut_lists(subject).examples
        ('row 1',)
    """
    if not has_lists(subject):
        return None
    column, separator = list_column(subject), subject.config["seq_separator"]
    width = (subject.config["seq_len"] or {}).get(column)
    lengths = subject.interactions[column].str.split(separator).map(lambda one: sum(map(bool, one)))
    over = np.flatnonzero(lengths > (width or np.inf))
    what = f"rows; seq_len keeps the first {width} items, not the latest"
    words = share(len(over), len(lengths), what)
    return Finding("histories cut", words, len(over) > 0, examples(map(subject.where, over)))


def unseen_targets(subject: Subject) -> Finding | None:
    """Targets of validation and test that no row of training has.

    Example:
        >>> from recbole.data.interaction import Interaction
        >>> from types import SimpleNamespace
        >>> names = {"item": ["[PAD]", "5", "6", "7"]}
        >>> fields = {"iid_field": "item", "item_num": 4, "field2id_token": names}
        >>> config = {"LIST_SUFFIX": "_list"}
        >>> targets = torch.tensor([2, 2, 3])  # of training, validation and test
        >>> rows = [Interaction({"item": one, "item_list": one * 0}) for one in targets.split(1)]
        >>> splits = [SimpleNamespace(inter_feat=row, config=config, **fields) for row in rows]
        >>> run = SimpleNamespace(is_sequential=True, splits=splits)
        >>> unseen_targets(SimpleNamespace(run=run)).examples
        ("item '7'",)
    """
    if not run_of(subject).is_sequential:
        return None
    train, *others = run_of(subject).splits
    seen, field = items_seen(train), train.iid_field
    targets = torch.cat([other.inter_feat[field] for other in others])
    unseen, names = targets[~seen[targets]], train.field2id_token[field]
    items = [f"{field} {str(names[item])!r}" for item in unseen.unique()]
    of_rows = f"{len(items):,}, which are the targets of "
    words = of_rows + share(len(unseen), len(targets), "rows") if items else "none"
    return Finding("items only in validation or test", words, examples=examples(items))


def unused_items(subject: Subject) -> Finding | None:
    """Items of the catalogue that nobody has had, and that a full ranking ranks all the same.

    Example:
        >>> from types import SimpleNamespace
        >>> items = SimpleNamespace(cells=pd.DataFrame({"item": ["5", "6"]}))
        >>> table = pd.DataFrame({"item": ["5", "5"]})
        >>> subject = SimpleNamespace(
        ...     columns=("user", "item", "time"), features={"item": items}, interactions=table
        ... )
        >>> unused_items(subject).examples
        ("'6'",)
    """
    if "item" not in subject.features:
        return None
    item = subject.columns[1]
    listed = subject.features["item"].cells[item].drop_duplicates()
    unused = listed[~listed.isin(subject.interactions[item])]
    words = share(len(unused), len(listed), "items of .item; a full ranking ranks them too")
    return Finding("items without interactions", words, examples=examples(map(repr, unused)))


OF_RUN: tuple[Look, ...] = (rows, histories, cut, cut_lists, unseen_targets, unused_items)
