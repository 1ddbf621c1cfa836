"""A made-up world: tastes that drift, items of unlike popularity, and what users see of them.

Affinity of a user and an item is the scalar product of their unit vectors. At each step a
user sees a slate, drawn with replacement by popularity, and takes one item of it.
"""

import math
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.truth import Truth

DIMENSIONS = 8  # of tastes and items
_TEMPERATURE = 0.1  # of the choice among liked items, in units of affinity
_LAST = 100.0  # puts what is not liked behind all that is, in the choice
_CHUNK = 2000  # users that live at a time; their random numbers are their own

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]


def unit(vectors: Floats) -> Floats:
    """Vectors of length 1 along the last axis, of the same shape."""
    scaled: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def popularity(random: Generator, num_items: int) -> Floats:
    """Zipf's law in random order: the item of rank r has weight 1/r; sums to 1, shape [I]."""
    weights: Floats = 1.0 / random.permutation(np.arange(1, num_items + 1))
    weights /= weights.sum()
    return weights


def drifting_tastes(random: Generator, users: int, length: int, drift: float) -> Floats:
    """Random walks on the unit sphere.

    Args:
        random: Source of randomness.
        users: Users, U.
        length: Steps, T.
        drift: Part of a taste that is new at each step; the rest of it stays.

    Returns:
        Tastes, rounded to float16, shape [U, T, D].
    """
    new = unit(random.standard_normal((length, users, DIMENSIONS)))
    tastes = np.empty((users, length, DIMENSIONS), dtype=np.float16)
    taste = new[0]
    for step in range(length):
        tastes[:, step] = taste
        if step + 1 < length:
            taste = unit(math.sqrt(1 - drift**2) * taste + drift * new[step + 1])
    return tastes


def like_thresholds(affinities: Floats, share: float) -> Floats:
    """The affinity above which an item is liked, for each user.

    Args:
        affinities: Affinity of each user and item, shape [U, I].
        share: q, the share of the catalogue that a user likes.

    Returns:
        Thresholds halfway between the last liked item and the next, shape [U].
    """
    num_items = affinities.shape[1]
    last = num_items - min(max(round(share * num_items), 1), num_items - 1)
    # Sorting is three times as fast as np.partition, which has no vector instructions here.
    thresholds: Floats = np.sort(affinities, axis=1)[:, last - 1 : last + 1].mean(axis=1)
    return thresholds


def draw_slates(random: Generator, weights: Floats, users: int, slate: int) -> Integers:
    """Items shown to each user, drawn with replacement by weight: shape [U, S]."""
    cumulative = (np.cumsum(weights) / weights.sum()).astype(np.float32)
    drawn = np.searchsorted(cumulative, random.random((users, slate), dtype=np.float32), "right")
    slates: Integers = drawn.clip(max=len(weights) - 1)  # the last sum may be rounded below 1
    return slates


def choose(
    random: Generator, slates: Integers, affinities: Floats, thresholds: Floats, had: Any
) -> Integers:
    """The item that each user takes from the slate.

    A liked and new one, by a softmax of affinity; where there is none, the new one of highest
    affinity, which the user does not like; where nothing is new, any of the slate.

    Args:
        random: Source of randomness.
        slates: Items shown, shape [U, S].
        affinities: Affinity of each user and item, shape [U, I].
        thresholds: Affinity above which an item is liked, shape [U].
        had: Which items each user has had, shape [U, I], bool.

    Returns:
        Items, shape [U].
    """
    shown = np.take_along_axis(affinities, slates, axis=1)
    liked = shown > thresholds[:, None]
    noise = random.gumbel(size=slates.shape)  # the largest sum is drawn by a softmax
    utility = np.where(liked, shown / _TEMPERATURE + noise, shown - _LAST)
    utility[np.take_along_axis(had, slates, axis=1)] = -np.inf
    taken: Integers = slates[np.arange(len(slates)), utility.argmax(axis=1)]
    return taken


def simulate(options: WorldOptions) -> tuple[Truth, Integers]:
    """Lets the users live.

    Args:
        options: What the world is like.

    Returns:
        The truth, and the item that each user took at each step, shape [U, T].
    """
    random = np.random.default_rng(options.seed)
    vectors = unit(random.standard_normal((options.items, DIMENSIONS))).astype(np.float32)
    weights = popularity(random, options.items) ** options.exposure
    sizes = np.diff([*range(0, options.users, _CHUNK), options.users])
    lives = [
        _live(stream, options, vectors, weights, size)
        for stream, size in zip(random.spawn(len(sizes)), sizes, strict=False)
    ]
    tastes, thresholds, items = (np.concatenate(parts) for parts in zip(*lives, strict=False))
    return Truth(tastes, thresholds, vectors), items


def _live(
    random: Generator, options: WorldOptions, vectors: Floats, weights: Floats, users: int
) -> tuple[Floats, Floats, Integers]:
    """The tastes, thresholds and items of some users."""
    tastes = drifting_tastes(random, users, options.length, options.drift)
    thresholds = np.empty((users, options.length), dtype=np.float32)
    items = np.empty((users, options.length), dtype=np.int32)
    had = np.zeros((users, len(vectors)), dtype=np.bool_)
    for step in range(options.length):
        affinities = tastes[:, step].astype(np.float32) @ vectors.T
        thresholds[:, step] = like_thresholds(affinities, options.liked)
        slates = draw_slates(random, weights, users, options.slate)
        items[:, step] = choose(random, slates, affinities, thresholds[:, step], had)
        had[np.arange(users), items[:, step]] = True
    return tastes, thresholds, items
