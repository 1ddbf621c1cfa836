"""Skips with known truth: items played by popularity that the user does not like."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.truth import NONE, Truth
from recbole_fn.simulation.world import catalogue, draw_slates

Integers = NDArray[np.integer]
_PLAYED = 4  # items drawn for each skip, as the user likes or has had some of them
_CHUNK = 2000  # users at a time, with a random stream for each chunk


def first_skipped(played: Integers, kept: NDArray[np.bool_], most: int) -> Integers:
    """The first items that are played to each user and not kept.

    Args:
        played: Items, shape [users, played].
        kept: Which items each user does not skip, shape [users, items], bool.
        most: How many to choose.

    Returns:
        Items, each once, `NONE` where there are fewer, shape [users, most].

    Example:
        >>> kept = np.array([[True, False, False]])
        >>> first_skipped(np.array([[0, 2, 2, 1]]), kept, most=3)
        array([[ 2,  1, -1]])
    """
    place = np.arange(played.shape[1])
    is_same = played[:, :, None] == played[:, None, :]  # [users, played, played]
    is_repeated = (is_same & (place[:, None] > place)).any(axis=2)
    wrong = is_repeated | np.take_along_axis(kept, played, axis=1)  # [users, played]
    first = np.argsort(wrong, axis=1, kind="stable")[:, :most]  # [users, most]
    chosen = np.take_along_axis(played, first, axis=1)
    skipped: Integers = np.where(np.take_along_axis(wrong, first, axis=1), NONE, chosen)
    return skipped


def simulate_skips(options: WorldOptions, truth: Truth, items: Integers) -> Integers:
    """Plays items to each user before each step, by popularity, and keeps those that are skipped.

    A user skips an item that is not liked at that step, and that the user has neither taken up to
    that step nor skipped before. Who skips an item may like it later.

    Args:
        options: The options of the world.
        truth: Its truth.
        items: The item that each user took at each step, shape [users, steps].

    Returns:
        The items that are skipped before each step, `NONE` where there are fewer, shape
        [users, steps, skips].

    Example:
        >>> from recbole_fn.simulation.world import simulate
        >>> options = WorldOptions(users=3, items=40, length=4, skips=2)
        >>> simulate_skips(options, *simulate(options)).shape
        (3, 4, 2)
    """
    _, weights, _ = catalogue(options)
    starts = range(0, options.users, _CHUNK)
    streams = np.random.default_rng([options.seed, 1]).spawn(len(starts))
    parts = [
        _skips_of(stream, options, truth, items, weights, np.arange(start, options.users)[:_CHUNK])
        for stream, start in zip(streams, starts, strict=True)
    ]
    return np.concatenate(parts)


def _skips_of(
    random: Generator,
    options: WorldOptions,
    truth: Truth,
    items: Integers,
    weights: NDArray[np.floating],
    users: Integers,
) -> Integers:
    """The skips of some users."""
    own = np.arange(len(users))
    had = np.zeros((len(users), options.items), dtype=np.bool_)
    skips = np.empty((len(users), options.length, options.skips), dtype=np.int32)
    for step in range(options.length):
        had[own, items[users, step]] = True
        played = draw_slates(random, weights, len(users), _PLAYED * options.skips)
        kept = had | truth.liked_catalogue(users, np.full(len(users), step))
        skips[:, step] = found = first_skipped(played, kept, options.skips)
        rows, columns = (found != NONE).nonzero()
        had[rows, found[rows, columns]] = True
    return skips
