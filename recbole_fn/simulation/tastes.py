"""Tastes of users that drift from step to step."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

DIMENSIONS = 8  # of tastes and items

Floats = NDArray[np.floating]


def unit(vectors: Floats) -> Floats:
    """Scales vectors to length 1 along the last axis.

    Args:
        vectors: Vectors of any shape [..., dimensions].

    Example:
        >>> unit(np.array([3.0, 4.0]))
        array([0.6, 0.8])
    """
    scaled: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def drifting_tastes(random: Generator, users: int, length: int, drift: float) -> Floats:
    """Random walks on the unit sphere.

    Args:
        random: Source of randomness.
        users: Number of users.
        length: Number of steps.
        drift: Part of a taste that is new at each step.

    Returns:
        Tastes, rounded to float16, shape [users, steps, dimensions].

    Example:
        >>> drifting_tastes(np.random.default_rng(0), users=2, length=5, drift=0.2).shape
        (2, 5, 8)
    """
    new = unit(random.standard_normal((length, users, DIMENSIONS)))  # [steps, users, dimensions]
    tastes = np.empty((users, length, DIMENSIONS), dtype=np.float16)
    taste = new[0]
    for step in range(length):
        tastes[:, step] = taste
        if step + 1 < length:
            taste = unit(math.sqrt(1 - drift**2) * taste + drift * new[step + 1])
    return tastes
