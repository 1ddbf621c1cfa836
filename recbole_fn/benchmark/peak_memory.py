"""The most memory that a process has held."""

import resource
import sys

_GIB = 2**30


def peak_gib() -> float:
    """The most memory that this process has held: `peak_gib()` is 0.4 after the imports, say.

    Example:
        >>> 0 < peak_gib() < 1000
        True
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _GIB if sys.platform == "darwin" else peak / 2**20  # bytes there, KiB elsewhere
