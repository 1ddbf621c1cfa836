"""Skips are what a loop says they are: not liked at their step, not had, and known as such."""

import dataclasses

import numpy as np
import pytest

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.simulation import skips as module
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.recommended import liked_fraction
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.skips import simulate_skips
from recbole_fn.simulation.truth import NONE, read_truth, write_data
from recbole_fn.simulation.world import simulate
from tests.helpers.runs import fit, pieces

OPTIONS = WorldOptions(users=40, items=60, length=8, slate=20, liked=0.15, skips=3)
EVENTS = {
    "fn_feedback_field": "event",
    "fn_feedback_negative": "== skip",
    "fn_feedback_neutral": "== take",
}


@pytest.fixture(scope="module")
def life():
    truth, items = simulate(OPTIONS)
    return truth, items, simulate_skips(OPTIONS, truth, items)


def test_a_skipped_item_is_not_liked_then_and_new(life):
    truth, items, skips = life
    skipped_later_taken = 0
    for user in range(OPTIONS.users):
        skipped = set()
        for step in range(OPTIONS.length):
            own = [item for item in skips[user, step].tolist() if item != NONE]
            taken = set(items[user, : step + 1].tolist())
            assert len(own) == len(set(own)) and not set(own) & (taken | skipped)
            taste = truth.tastes[user, step].astype("float32")
            affinities = [float(taste @ truth.vectors[item]) for item in own]
            assert all(one <= truth.thresholds[user, step] for one in affinities)
            skipped |= set(own)
        skipped_later_taken += len(skipped & set(items[user].tolist()))
    assert (skips != NONE).mean() > 0.8 and skipped_later_taken > 0


def test_the_lives_of_users_are_those_of_a_world_without_skips(life):
    truth, items = simulate(dataclasses.replace(OPTIONS, skips=0))
    assert np.array_equal(items, life[1]) and np.array_equal(truth.tastes, life[0].tastes)
    assert np.array_equal(simulate_skips(OPTIONS, truth, items), life[2])


def test_users_beyond_a_chunk_skip_other_items(life, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 16)
    skips = simulate_skips(OPTIONS, *life[:2])
    assert skips.shape == life[2].shape and not np.array_equal(skips[:16], skips[16:32])


def test_the_file_says_of_each_event_what_is_true(life, own_folder):
    truth, items, skips = life
    place = write_data(own_folder, "events", truth, items, skips)
    header, *lines = (place / "events.inter").read_text().splitlines()
    assert header == "user_id:token\titem_id:token\ttimestamp:float\tevent:token"
    kinds = {"skip": 0, "like": 0, "take": 0}
    for line in lines:
        user, item, step, event = line.split("\t")
        place_of = int(user[1:]), int(step), int(item[1:])
        liked = truth.liked(*(np.array([number]) for number in place_of))[0]
        assert liked == (event == "like")
        assert (items[place_of[:2]] == place_of[2]) == (event != "skip")
        kinds[event] += 1
    assert kinds["skip"] == (skips != NONE).sum() and kinds["like"] + kinds["take"] == items.size
    assert min(kinds.values()) > 0
    assert np.array_equal(read_truth(place).tastes, truth.tastes)


def test_a_run_with_the_kinds_is_compared_with_the_truth(life, own_folder):
    """All positive targets and no real negative is liked; the share of liked lists is known."""
    truth, items, skips = life
    write_data(own_folder, "events", truth, items, skips)
    keys = {"fn_feedback_targets": "negative", "fn_feedback_inputs": "positive", "fn_start": 9}
    run = pieces(dataset="events", data_path=str(own_folder), **EVENTS, **keys)
    fit(run)
    dataset = dataset_of(run.train_data)
    rows = row_truth(truth, dataset, sampler_of(run.train_data))
    assert rows.truth.liked(rows.users, rows.steps, rows.targets.numpy()).all()
    real, log = dataset.fn_real_negatives(), dataset.fn_log
    tokens = dataset.field2id_token
    users = np.array([int(tokens["user_id"][one][1:]) for one in real.users])
    for user, item in zip(users, real.items.tolist(), strict=True):
        assert int(tokens["item_id"][item][1:]) in skips[user]
    assert len(users) > 50 and len(log.users) == (skips != NONE).sum() + items.size
    valid = dataset_of(run.valid_data)
    of_valid = row_truth(truth, valid, sampler_of(run.train_data))
    assert 0 < liked_fraction(run, of_valid, valid, length=5) < 1
