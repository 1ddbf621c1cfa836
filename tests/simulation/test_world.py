"""The world is reproducible, and as its options say."""

import dataclasses

import numpy as np
import pytest

from recbole_fn.simulation import world
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.world import simulate
from recbole_fn.utils.errors import InputError

SMALL = WorldOptions(users=150, items=200, length=12, slate=40)


def with_options(**changes):
    return simulate(dataclasses.replace(SMALL, **changes))


def share_of_popular(items, top=20):
    counts = np.sort(np.bincount(items.ravel(), minlength=SMALL.items))[::-1]
    return counts[:top].sum() / counts.sum()


def test_the_seed_decides_everything():
    (truth, items), (again, same) = simulate(SMALL), simulate(SMALL)
    assert np.array_equal(items, same)
    for field in dataclasses.fields(truth):
        assert np.array_equal(getattr(truth, field.name), getattr(again, field.name))
    assert not np.array_equal(items, with_options(seed=1)[1])


def test_every_user_takes_an_item_at_each_step_and_none_twice():
    items = simulate(SMALL)[1]
    assert items.shape == (SMALL.users, SMALL.length)
    assert items.min() >= 0 and items.max() < SMALL.items
    assert all(len(set(taken)) == SMALL.length for taken in items.tolist())


def test_exposure_skews_popularity():
    even, skewed = (share_of_popular(with_options(exposure=e, slate=10)[1]) for e in (0.0, 1.0))
    assert even < 0.2  # of the interactions, for 10 % of the items
    assert skewed > 0.35


def test_slates_are_drawn_by_weight():
    weights = np.array([4.0, 0.0, 1.0, 3.0])
    slates = world.draw_slates(np.random.default_rng(0), weights, 2000, 10)
    shares = np.bincount(slates.ravel(), minlength=4) / slates.size
    assert shares == pytest.approx(weights / 8, abs=0.02)


def test_popularity_is_zipfs_in_some_order():
    weights = np.sort(world.popularity(np.random.default_rng(0), 4))[::-1]
    assert weights == pytest.approx(np.array([12, 6, 4, 3]) / 25)


def test_tastes_drift_as_far_as_asked():
    tastes = world.drifting_tastes(np.random.default_rng(0), 3000, 6, 0.6).astype(float)
    assert np.linalg.norm(tastes, axis=2) == pytest.approx(1, abs=2e-3)
    correlation = (tastes[:, 0] * tastes[:, 1]).sum(1).mean()
    # a step is (0.8, 0.6 * z) with z the cosine of a random vector, whose square has mean 1/8
    assert correlation == pytest.approx(0.8, abs=0.02)
    still = world.drifting_tastes(np.random.default_rng(0), 5, 6, 0.0).astype(float)
    assert still == pytest.approx(still[:, :1].repeat(6, axis=1), abs=1e-2)


def test_a_user_likes_the_given_share_of_the_catalogue_at_each_step():
    truth, _ = with_options(liked=0.07)
    users, steps = (grid.ravel() for grid in np.indices(truth.thresholds.shape))
    liked = truth.liked_catalogue(users, steps)
    assert (liked.sum(1) == 14).all()
    affinities = truth.tastes[users, steps].astype(np.float32) @ truth.vectors.T
    assert affinities[liked].min() > affinities[~liked].min()
    lowest = np.where(liked, affinities, np.inf).min(1)
    assert (lowest >= np.where(liked, -np.inf, affinities).max(1)).all()


def test_the_item_taken_is_shown_new_and_liked_where_one_is():
    random = np.random.default_rng(0)
    slates = random.integers(30, size=(500, 6))
    affinities = random.normal(size=(500, 30)).astype(np.float32)
    thresholds = np.full(500, 1.0)
    had = random.random((500, 30)) < 0.3
    taken = world.choose(random, slates, affinities, thresholds, had)
    for user in range(500):
        new = [item for item in slates[user] if not had[user, item]]
        liked = [item for item in new if affinities[user, item] > 1.0]
        if liked:
            assert taken[user] in liked
        elif new:
            assert taken[user] == max(new, key=lambda item: affinities[user, item])
        else:
            assert taken[user] in slates[user]


def test_liked_items_are_taken_by_a_softmax_of_affinity():
    random, users = np.random.default_rng(0), 20_000
    affinities = np.tile(np.array([[0.9, 0.8, 0.1]], dtype=np.float32), (users, 1))
    had, thresholds = np.zeros((users, 3), dtype=bool), np.full(users, 0.5)
    slates = np.tile(np.arange(3), (users, 1))
    taken = world.choose(random, slates, affinities, thresholds, had)
    first = np.e / (1 + np.e)  # the odds of 0.1 of affinity at temperature 0.1
    assert np.bincount(taken) / users == pytest.approx([first, 1 - first], abs=0.02)


def test_most_interactions_are_liked():
    truth, items = with_options(liked=0.15)
    users, steps = (grid.ravel() for grid in np.indices(items.shape))
    liked = truth.liked(users, steps, items.ravel())
    assert liked.mean() > 0.8
    others = np.random.default_rng(0).integers(SMALL.items, size=len(users))
    assert truth.liked(users, steps, others).mean() == pytest.approx(0.15, abs=0.03)


def test_users_beyond_a_chunk_have_lives_of_their_own(monkeypatch):
    monkeypatch.setattr(world, "_CHUNK", 60)
    truth, items = simulate(SMALL)
    assert len(items) == len(truth.tastes) == SMALL.users
    assert not np.array_equal(items[:60], items[60:120])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"drift": 1.5}, "--drift is 1.5; it must be a number from 0 to 1"),
        ({"exposure": float("nan")}, "--exposure is nan; it must be a number from 0 to 5"),
        ({"users": 0}, "--users is 0; it must be at least 1"),
        ({"length": 101}, "--items is 200; it must be at least 202"),
    ],
)
def test_a_bad_option_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        with_options(**changes)
