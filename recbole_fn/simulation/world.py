"""Simulates users with drifting tastes who choose among items shown by popularity.

The affinity of a user and an item is the dot product of their unit vectors. At each step a user
sees a slate, drawn with replacement by popularity, and takes one of its items.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.tastes import DIMENSIONS, Floats, drifting_tastes, unit
from recbole_fn.simulation.truth import Truth

_TEMPERATURE = 0.1  # of the softmax over liked items, in units of affinity
_PENALTY = 100.0  # ranks items that are not liked below all liked ones
_CHUNK = 2000  # users simulated at a time, with a random stream for each chunk

Integers = NDArray[np.integer]


def popularity(random: Generator, num_items: int) -> Floats:
    """Weights by Zipf's law in random order: 1, 1/2, 1/3, ..., scaled to the sum 1.

    Args:
        random: Source of randomness.
        num_items: Number of items.

    Returns:
        Weights, shape [items].

    Example:
        >>> np.sort(popularity(np.random.default_rng(0), 3)).round(2)
        array([0.18, 0.27, 0.55])
    """
    weights: Floats = 1.0 / random.permutation(np.arange(1, num_items + 1))
    weights /= weights.sum()
    return weights


def like_thresholds(affinities: Floats, fraction: float) -> Floats:
    """The affinity above which an item is liked, for each user.

    Args:
        affinities: Affinity of each user and item, shape [users, items].
        fraction: q, the fraction of the catalogue that a user likes.

    Returns:
        Thresholds halfway between the last liked item and the next, shape [users].

    Example:
        >>> like_thresholds(np.array([[0.1, 0.9, 0.3, 0.5]]), fraction=0.5)
        array([0.4])
    """
    num_items = affinities.shape[1]
    last = num_items - min(max(round(fraction * num_items), 1), num_items - 1)
    # Sorting is three times as fast as np.partition, which has no vector instructions here.
    thresholds: Floats = np.sort(affinities, axis=1)[:, last - 1 : last + 1].mean(axis=1)
    return thresholds


def draw_slates(random: Generator, weights: Floats, users: int, slate: int) -> Integers:
    """Draws the items shown to each user, with replacement, by weight.

    Args:
        random: Source of randomness.
        weights: Weight of each item, shape [items].
        users: Number of users.
        slate: Number of items shown.

    Returns:
        Items, shape [users, slate].

    Example:
        >>> draw_slates(np.random.default_rng(0), np.array([0.0, 1.0]), users=1, slate=3)
        array([[1, 1, 1]])
    """
    cumulative = (np.cumsum(weights) / weights.sum()).astype(np.float32)
    drawn = np.searchsorted(cumulative, random.random((users, slate), dtype=np.float32), "right")
    slates: Integers = drawn.clip(max=len(weights) - 1)  # the last sum may be rounded below 1
    return slates


def choose(
    random: Generator,
    slates: Integers,
    affinities: Floats,
    thresholds: Floats,
    had: NDArray[np.bool_],
) -> Integers:
    """Chooses the item that each user takes from the slate.

    Among liked new items by a softmax of affinity; otherwise the new item of highest affinity,
    which the user does not like; if no item is new, an item of the slate.

    Args:
        random: Source of randomness.
        slates: Items shown, shape [users, slate].
        affinities: Affinity of each user and item, shape [users, items].
        thresholds: Affinity above which an item is liked, shape [users].
        had: Which items each user has had, shape [users, items], bool.

    Returns:
        Items, shape [users].

    Example:
        Item 1 is liked; item 0 is not:

        >>> affinities, thresholds = np.array([[0.1, 0.9]]), np.array([0.5])
        >>> had = np.zeros((1, 2), dtype=bool)
        >>> choose(np.random.default_rng(0), np.array([[0, 1]]), affinities, thresholds, had)
        array([1])
    """
    shown = np.take_along_axis(affinities, slates, axis=1)
    liked = shown > thresholds[:, None]
    gumbel = random.gumbel(size=slates.shape)  # argmax then samples from a softmax
    utility = np.where(liked, shown / _TEMPERATURE + gumbel, shown - _PENALTY)
    utility[np.take_along_axis(had, slates, axis=1)] = -np.inf
    taken: Integers = slates[np.arange(len(slates)), utility.argmax(axis=1)]
    return taken


def catalogue(options: WorldOptions) -> tuple[Floats, Floats, Generator]:
    """The items of a world.

    Args:
        options: The options of the world.

    Returns:
        The items as vectors, shape [items, dimensions], how often each is shown, shape [items], and
        the source of randomness that the users' lives are drawn from.

    Example:
        >>> vectors, weights, _ = catalogue(WorldOptions(items=60))
        >>> vectors.shape, weights.shape
        ((60, 8), (60,))
    """
    random = np.random.default_rng(options.seed)
    vectors = unit(random.standard_normal((options.items, DIMENSIONS))).astype(np.float32)
    weights = popularity(random, options.items) ** options.exposure
    return vectors, weights, random


def simulate(options: WorldOptions) -> tuple[Truth, Integers]:
    """Simulates all users.

    Args:
        options: The options of the world.

    Returns:
        The truth, and the item that each user took at each step, shape [users, steps].

    Example:
        >>> truth, items = simulate(WorldOptions(users=3, items=40, length=4))
        >>> items.shape, truth.tastes.shape
        ((3, 4), (3, 4, 8))
    """
    vectors, weights, random = catalogue(options)
    sizes = np.diff([*range(0, options.users, _CHUNK), options.users])
    chunks = [
        _simulate_chunk(stream, options, vectors, weights, size)
        for stream, size in zip(random.spawn(len(sizes)), sizes, strict=False)
    ]
    tastes, thresholds, items = (np.concatenate(parts) for parts in zip(*chunks, strict=False))
    return Truth(tastes, thresholds, vectors), items


def _simulate_chunk(
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
