"""Rows and real negatives of random logs equal naive loops."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.feedback.log import FeedbackLog
from recbole_fn.feedback.real_negatives import RealNegatives
from recbole_fn.feedback.rows import make_rows, split_targets
from tests.feedback import reference
from tests.feedback.made_up import events


def log_of(users):
    """The log of users' lists of (item, kind); user n of the list is n + 1."""
    flat = [
        (n, item, reference.KINDS[kind]) for n, one in enumerate(users, 1) for item, kind in one
    ]
    columns = (torch.tensor(column) for column in zip(*flat, strict=True))
    return FeedbackLog(*columns)


@pytest.mark.slow
@given(events(), st.sampled_from(["positive", "all"]))
@settings(deadline=None)
def test_rows_of_positives(users, inputs):
    log = log_of(users)
    is_read = log.is_positive if inputs == "positive" else torch.ones_like(log.is_positive)
    rows = make_rows(log.users, split_targets(log.users, log.is_positive), is_read)
    read, starts = log.items[is_read], rows.ends - rows.lengths
    ours = [
        (read[start:end].tolist(), int(log.items[target]))
        for start, end, target in zip(starts, rows.ends, rows.targets, strict=True)
    ]
    naive = [row[:2] for one in users for row in reference.rows_of_user(one, inputs, 99)]
    assert ours == naive


@given(events(), st.integers(1, 5))
@settings(deadline=None)
def test_real_negatives_of_rows(users, most):
    log, targets, expected, begin = log_of(users), [], [], 0
    for one in users:
        train = reference.leave_one_out(reference.rows_of_user(one, "all", 99))[0]
        for _, _, place in train:
            targets.append(begin + place)
            expected.append(reference.real_negatives(one, train, place, most))
        begin += len(one)
    if not targets:
        return
    real = RealNegatives.of(log, torch.tensor(targets), num_items=7)
    found = real.of_rows(torch.arange(len(targets)), most)
    assert found.shape == (len(targets), most)
    assert [[item for item in row if item] for row in found.tolist()] == expected


@pytest.mark.slow
@given(events())
@settings(deadline=None)
def test_no_real_negative_is_a_positive_of_training_or_later_than_it(users):
    log = log_of(users)
    targets = split_targets(log.users, log.is_positive).nonzero().squeeze(1)[::2]
    if not len(targets):
        return
    real = RealNegatives.of(log, targets, num_items=7)
    assert bool(log.until(targets)[real.places].all())
    pairs = set(zip(real.users.tolist(), real.items.tolist(), strict=True))
    positive = log.until(targets) & log.is_positive
    assert pairs.isdisjoint(zip(log.users[positive].tolist(), log.items[positive].tolist()))
