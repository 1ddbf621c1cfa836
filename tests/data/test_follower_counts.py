"""Counts of followers equal loops over users and their histories."""

from collections import Counter
from types import SimpleNamespace

import pytest
import torch
from recbole.data.interaction import Interaction

from recbole_fn.data import follower_counts
from recbole_fn.data.follower_counts import FollowerCounts, last_items
from recbole_fn.data.follower_graph import after_in_graph
from recbole_fn.data.loaders import dataset_of
from tests.helpers.runs import pieces


def sequences(dataset):
    """Each user's items in training, in order."""
    rows, by_user = dataset.inter_feat, {}
    for user, target, listed, length in zip(
        rows["user_id"].tolist(),
        rows["item_id"].tolist(),
        rows["item_id_list"].tolist(),
        rows["item_length"].tolist(),
        strict=False,
    ):
        by_user.setdefault(user, listed[:1] if length == 1 else [])
        by_user[user].append(target)
    return by_user


def naive_counts(histories, window):
    """(user, item, follower) -> how often the follower came within the window after the item."""
    return Counter(
        (user, items[place], items[place + step])
        for user, items in histories.items()
        for place in range(len(items))
        for step in range(1, window + 1)
        if place + step < len(items)
    )


@pytest.fixture(scope="module")
def dataset():
    return dataset_of(pieces(MAX_ITEM_LIST_LENGTH=50).train_data)


@pytest.mark.parametrize("window", [1, 3])
def test_they_equal_loops(dataset, window):
    counts = FollowerCounts.of(dataset, window)
    naive = naive_counts(sequences(dataset), window)
    total = Counter()
    for (_, item, follower), times in naive.items():
        total[item, follower] += times
    for item in range(dataset.item_num):
        begin, end = counts.starts[item], counts.starts[item + 1]
        followers = dict(
            zip(
                counts.followers[begin:end].tolist(),
                counts.counts[begin:end].tolist(),
                strict=False,
            )
        )
        assert followers == {b: times for (a, b), times in total.items() if a == item}
    contributions = sum(naive.values())
    assert counts.num_bytes() == 8 * len(total) + 4 * contributions <= 12 * contributions


@pytest.mark.parametrize("decay", [1.0, 0.5])
@pytest.mark.parametrize("table_bytes", [0, 64 << 20])
def test_a_users_own_part_is_taken_out(dataset, decay, table_bytes, monkeypatch):
    monkeypatch.setattr(follower_counts, "_TABLE_BYTES", table_bytes)
    counts, last = FollowerCounts.of(dataset, 2), last_items(dataset, 3)
    naive = naive_counts(sequences(dataset), 2)
    index = torch.arange(0, len(dataset), 37)
    users = dataset.inter_feat["user_id"][index]
    decayed = counts.after(last[index], users, decay)
    for place, (user, items) in enumerate(zip(users.tolist(), last[index].tolist(), strict=False)):
        expected = Counter()
        for back, item in enumerate(items):
            for (other, before, follower), times in naive.items():
                if before == item and other != user:
                    expected[follower] += decay**back * times
        assert decayed[place].tolist() == pytest.approx(
            [expected[item] for item in range(dataset.item_num)], abs=1e-5
        )


@pytest.mark.parametrize("decay", [0.3, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("table_bytes", [0, 64 << 20])
def test_nothing_is_left_of_what_the_user_alone_did(decay, table_bytes, monkeypatch):
    """Users in pairs share items; what others never had is exactly 0."""
    monkeypatch.setattr(follower_counts, "_TABLE_BYTES", table_bytes)
    source = torch.Generator().manual_seed(0)
    histories = {user: torch.randint(1, 7, (14,), generator=source).tolist() for user in (1, 2)}
    fields: dict[str, list] = {"user": [], "item": [], "item_list": [], "n": []}
    for user, items in histories.items():
        for place in range(1, len(items)):
            listed = items[:place] + [0] * (14 - place)
            for name, value in zip(fields, (user, items[place], listed, place), strict=True):
                fields[name].append(value)
    dataset = SimpleNamespace(
        inter_feat=Interaction({name: torch.tensor(values) for name, values in fields.items()}),
        uid_field="user",
        iid_field="item",
        item_list_length_field="n",
        config={"LIST_SUFFIX": "_list"},
        item_num=7,
        user_num=3,
    )
    counts, last = FollowerCounts.of(dataset, 3), last_items(dataset, 6)
    naive, users = naive_counts(histories, 3), dataset.inter_feat["user"]
    sums = counts.after(last, users, decay)
    zeros = 0
    for row, (user, items) in enumerate(zip(users.tolist(), last.tolist(), strict=True)):
        for follower in range(7):
            expected = sum(
                decay**back * naive[3 - user, item, follower] for back, item in enumerate(items)
            )
            own = any(naive[user, item, follower] for item in items)
            assert float(sums[row, follower]) == pytest.approx(expected, rel=1e-6, abs=0)
            zeros += own and expected == 0
    assert zeros > 10


def test_last_items_are_the_newest_first(dataset):
    rows = dataset.inter_feat
    for row, items in enumerate(last_items(dataset, 4).tolist()[:200]):
        length = int(rows["item_length"][row])
        listed = rows["item_id_list"][row].tolist()[:length]
        assert items == ([*reversed(listed), 0, 0, 0, 0])[:4]


def test_a_traced_graph_gives_the_counts_of_all_users_for_any_number_of_rows(dataset):
    counts = FollowerCounts.of(dataset)
    generator = torch.Generator().manual_seed(1)
    batches = [
        torch.randint(0, dataset.item_num, (rows, 4), generator=generator) for rows in (2, 1, 9)
    ]
    batches.append(torch.zeros(3, 4, dtype=torch.long))  # no pair at all
    pairs = counts.starts, counts.followers, counts.counts
    traced = torch.jit.trace(lambda last: after_in_graph(pairs, last, decay=0.5), batches[0])
    for last in batches:
        unknown = torch.zeros(len(last), dtype=torch.long)
        assert torch.allclose(traced(last), counts.after(last, unknown, decay=0.5), rtol=1e-6)
