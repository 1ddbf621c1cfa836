"""Integers in columns of type float, which RecBole rounds to float32."""

import numpy as np

_EXACT = 2**24  # float32 holds every integer up to it


def rounded_integers(values: np.ndarray) -> int:
    """Counts the integers that are others in float32; fractions are rounded in any case.

    Args:
        values: A column, float64, shape [rows].

    Example:
        >>> rounded_integers(np.array([16777217.0, 16777216.0, 0.1, np.nan]))
        1
    """
    large = values[np.isfinite(values) & (np.abs(values) > _EXACT)]
    return int(((large == np.floor(large)) & (large != large.astype(np.float32))).sum())
