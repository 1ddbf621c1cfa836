"""Rows of files with kinds of feedback: as the files say, and as a run has them."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from recbole.utils import FeatureType

from recbole_fn.checking.subject import Prepared, Subject
from recbole_fn.config.settings import FNSettings
from recbole_fn.feedback.dataset import PLACE_FIELD, FeedbackDataset
from recbole_fn.feedback.kinds import KindRule
from recbole_fn.feedback.rows import earlier

Event = tuple[str, str]  # an item, and the kind of the interaction by name


def has_kinds(run: Prepared) -> bool:
    """Whether the interactions of a run have kinds of feedback.

    Example:
        >>> from recbole_fn.checking.preparing import prepare
        >>> has_kinds(prepare(feedback_run.config)), has_kinds(prepare(config))
        (True, False)
    """
    return isinstance(run.splits[0], FeedbackDataset)


def rows_of_events(
    events: Sequence[Event], inputs: str, targets: str, training: int
) -> list[tuple[str, str]]:
    """The rows of a user: the last item of each history, and the target.

    Args:
        events: The user's interactions in order.
        inputs: `fn_feedback_inputs`.
        targets: `fn_feedback_targets`.
        training: How many rows of the user are for training; only `ignore` asks.

    Example:
        >>> events = [("a", "positive"), ("b", "negative"), ("c", "positive")]
        >>> rows_of_events(events, "positive", "exclude", training=1)
        [('a', 'c')]
        >>> rows_of_events(events, "all", "ignore", training=2)
        [('a', 'b'), ('b', 'c')]
    """
    last, before, every = "", [], []  # of each place: the last item that is read
    for item, kind in events:
        before.append(last)
        last = item if inputs != "positive" or kind == "positive" else last
    positive = [place for place, (_, kind) in enumerate(events) if kind == "positive"][1:]
    if targets == "ignore" and training:
        every = [place for place, one in enumerate(before) if one][:training]
        positive = [place for place in positive if place > every[-1]]
    return [(before[place], events[place][0]) for place in [*every, *positive]]


def differing_users_of_kinds(subject: Subject, run: Prepared) -> list[str] | None:
    """The users whose rows are not those of the files, where interactions have kinds.

    Args:
        subject: The files.
        run: What the run makes of them.

    Returns:
        The users as they are written; None where RecBole does not tell which interactions it
        keeps.

    Example:
        >>> from recbole_fn.checking.preparing import prepare
        >>> from recbole_fn.checking.subject import read_subject
        >>> subject = read_subject(feedback_run.config, run=None)
        >>> differing_users_of_kinds(subject, prepare(feedback_run.config))
        []
    """
    if run.kept is None and run.is_filtered:
        return None
    settings = FNSettings.from_config(subject.config.final_config_dict)
    keys, training = (settings.feedback_inputs, settings.feedback_targets), _training_rows(run)
    expected = {
        name: rows
        for name, events in _events(subject, run, KindRule.of(settings)).items()
        if (rows := rows_of_events(events, *keys, training.get(name, 0)))
    }
    found = _found(run)
    names = dict.fromkeys([*expected, *found])
    return [name for name in names if expected.get(name) != found.get(name)]


def items_before(run: Prepared) -> np.ndarray:
    """How many items a model could read before each row, without a limit of its lists: [rows].

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> keys = {"fn_feedback_field": "rating", "fn_feedback_negative": "<= 2"}
        >>> keys["fn_feedback_inputs"] = "positive"
        >>> config = SimpleNamespace(final_config_dict=keys)
        >>> is_positive = torch.tensor([True, False, True, True])
        >>> log = SimpleNamespace(users=torch.ones(4), is_positive=is_positive)
        >>> rows = {PLACE_FIELD: torch.tensor([2, 3])}  # the targets are the last two
        >>> split = SimpleNamespace(config=config, fn_log=log, inter_feat=rows)
        >>> items_before(SimpleNamespace(splits=[split]))
        array([1, 2])
    """
    parts, splits = [], cast(list[FeedbackDataset], run.splits)
    for split in splits:
        log = split.fn_log
        inputs = FNSettings.from_config(split.config.final_config_dict).feedback_inputs
        is_read = log.is_positive | (inputs != "positive")
        parts.append(earlier(log.users, is_read)[split.inter_feat[PLACE_FIELD]].numpy())
    return np.concatenate(parts)


def _events(subject: Subject, run: Prepared, rule: KindRule) -> dict[str, list[Event]]:
    """The interactions of each user in order, by the user as it is written."""
    table = subject.interactions
    if run.kept is not None:
        table = table.iloc[np.sort(run.kept)]
    is_number = run.splits[0].field2type[rule.field] == FeatureType.FLOAT
    kinds = {text: _kind(text, is_number, rule) for text in table[rule.field].unique()}
    user, item, _ = subject.columns
    found: dict[str, list[Event]] = {}
    order = np.argsort(table["place"].to_numpy(), kind="stable")
    columns = (table[name].to_numpy()[order] for name in (user, item, rule.field))
    for name, one, text in zip(*columns, strict=True):
        found.setdefault(str(name), []).append((str(one), kinds[text]))
    return found


def _kind(text: str, is_number: bool, rule: KindRule) -> str:
    if text == "":
        return rule.kind(float("nan"))
    return rule.kind(float(text) if is_number else text)


def _training_rows(run: Prepared) -> dict[str, int]:
    train = run.splits[0]
    users, counts = np.unique(train.inter_feat[train.uid_field].numpy(), return_counts=True)
    names = train.field2id_token[train.uid_field]
    return {str(names[user]): int(count) for user, count in zip(users, counts, strict=True)}


def _found(run: Prepared) -> dict[str, list[tuple[str, str]]]:
    """The last item of the history and the target of each row, by user."""
    dataset, rows = run.splits[0], run.rows
    users, items = (dataset.field2id_token[name] for name in (dataset.uid_field, dataset.iid_field))
    found: dict[str, list[tuple[str, str]]] = {}
    for user, last, target in zip(rows.users, rows.last, rows.targets, strict=True):
        found.setdefault(str(users[user]), []).append((str(items[last]), str(items[target])))
    return found
