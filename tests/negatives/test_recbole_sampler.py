"""Negatives are uniform over what they may be, and never what they may not be."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.data.sieve import make_sieve
from recbole_fn.negatives.drawing import draw_other_than_target, draw_outside_history
from recbole_fn.utils.errors import InputError
from tests.helpers.runs import pieces

ITEMS = 12


def histories_of(known: dict, sieve: int = 0) -> UserHistories:
    """Histories; with a sieve of the given number of bits that lets other pairs stay too."""
    pairs = sorted(user * ITEMS + item for user, items in known.items() for item in items)
    tensor = torch.tensor(pairs, dtype=torch.int64)
    histories = UserHistories.from_pairs(tensor, max(known) + 1, ITEMS)
    if not sieve:
        return histories
    return dataclasses.replace(histories, sieve=make_sieve(tensor, sieve))


def source(seed=0):
    return torch.Generator().manual_seed(seed)


@given(
    st.dictionaries(st.integers(0, 5), st.sets(st.integers(1, ITEMS - 1), max_size=ITEMS - 2)),
    st.sampled_from([0, 8, 16, 32]),
)
@settings(max_examples=100, deadline=None)
def test_exactly_the_items_outside_the_history_are_drawn(known, sieve):
    known = {0: set(), **known}
    users = torch.tensor(sorted(known))
    drawn = draw_outside_history(users, 400, histories_of(known, sieve), source())
    for user, items in zip(users.tolist(), drawn.tolist(), strict=False):
        assert set(items) == set(range(1, ITEMS)) - known[user]


@pytest.mark.parametrize("sieve", [0, 8])
def test_draws_are_uniform_over_the_free_items(sieve):
    known = {1: {1, 2, 3, 7, 11}}
    histories = histories_of(known, sieve)
    drawn = draw_outside_history(torch.tensor([1]), 60_000, histories, source(3))
    counts = torch.bincount(drawn.flatten(), minlength=ITEMS)[[4, 5, 6, 8, 9, 10]]
    assert chisquare(counts.numpy()).pvalue > 1e-3


@given(st.sets(st.integers(0, 400)), st.integers(1, 300))
@settings(max_examples=50, deadline=None)
def test_the_sieve_has_the_bits_of_the_pairs_and_no_others(pairs, wanted):
    sieve = make_sieve(torch.tensor(sorted(pairs), dtype=torch.int64), wanted).tolist()
    assert 8 * len(sieve) >= wanted
    bits = {
        8 * place + bit for place, byte in enumerate(sieve) for bit in range(8) if byte >> bit & 1
    }
    assert bits == {pair % (8 * len(sieve)) for pair in pairs}


def test_draws_for_many_users_at_once_are_uniform_over_what_each_has_left():
    known = {user: set(range(1, 1 + user)) for user in range(1, ITEMS - 1)}
    users = torch.arange(1, ITEMS - 1).repeat(300)
    drawn = draw_outside_history(users, 100, histories_of(known), source(5))
    for user in known:
        counts = torch.bincount(drawn[users == user].flatten(), minlength=ITEMS)
        assert counts[: 1 + user].sum() == 0
        if user < ITEMS - 2:
            assert chisquare(counts[1 + user :].numpy()).pvalue > 1e-4


def test_without_the_target_every_other_item_is_drawn_alike():
    drawn = draw_other_than_target(torch.tensor([1, 6, ITEMS - 1]), 60_000, ITEMS, source(4))
    for target, items in zip((1, 6, ITEMS - 1), drawn, strict=False):
        counts = torch.bincount(items, minlength=ITEMS)
        assert counts[0] == counts[target] == 0
        others = np.delete(counts.numpy(), [0, target])
        assert chisquare(others).pvalue > 1e-3


def training_items(train) -> dict:
    """Each user's training items, row by row from RecBole's own fields."""
    known: dict = {}
    rows = dataset_of(train).inter_feat
    for user, target, listed in zip(
        rows["user_id"], rows["item_id"], rows["item_id_list"], strict=False
    ):
        known.setdefault(int(user), set()).update([int(target), *listed[listed > 0].tolist()])
    return known


def test_the_history_is_that_of_training_and_held_out_items_can_be_drawn():
    run = pieces()
    known = training_items(run.train_data)
    held_out = 0
    for rows in (dataset_of(run.valid_data).inter_feat, dataset_of(run.test_data).inter_feat):
        users = rows["user_id"]
        drawn = sampler_of(run.train_data).draw(users, rows["item_id"], 2000)
        for user, target, items in zip(
            users.tolist(), rows["item_id"].tolist(), drawn.tolist(), strict=False
        ):
            assert not known[user] & set(items)
            held_out += target in items
    assert held_out > 150  # of 160


@pytest.mark.slow
def test_neg_exclude_target_leaves_out_the_target_alone():
    run = pieces(fn_neg_exclude="target")
    rows = dataset_of(run.train_data).inter_feat
    drawn = sampler_of(run.train_data).draw(rows["user_id"], rows["item_id"], 2000)
    num_items = dataset_of(run.train_data).item_num
    for target, items in zip(rows["item_id"].tolist()[:20], drawn.tolist(), strict=False):
        assert set(items) == set(range(1, num_items)) - {target}


def test_answers_recboles_call_draw_by_draw():
    run = pieces()
    known = training_items(run.train_data)
    users = np.array([3, 4, 5])
    flat = sampler_of(run.train_data).sample_by_user_ids(users, np.array([1, 1, 1]), 50)
    assert flat.shape == (150,)
    for place, item in enumerate(flat.tolist()):
        assert item not in known[users[place % 3]]


def write_data_set(folder, lines):
    folder.mkdir()
    header = "user_id:token\titem_id:token\ttimestamp:float\n"
    (folder / f"{folder.name}.inter").write_text(header + "".join(lines))


def test_a_user_with_every_item_is_named(tmp_path):
    few = [f"few{u}\ti{i}\t{i}\n" for u in range(3) for i in range(5)]
    once = [f"collector\ti{i}\t{i}\n" for i in range(8)]
    write_data_set(tmp_path / "full", [*few, *once])
    pieces(dataset="full", data_path=str(tmp_path))  # two items are held out: they can be drawn
    twice = [f"collector\ti{i}\t{i + 10}\n" for i in range(8)]
    write_data_set(tmp_path / "over", [*few, *once, *twice])
    with pytest.raises(InputError, match="'collector' has had all 8 items"):
        pieces(dataset="over", data_path=str(tmp_path))
    pieces(dataset="over", data_path=str(tmp_path), fn_neg_exclude="target")
