"""The most memory that a process has held."""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
_GIB = 2**30


def peak_gib() -> float:
    """The most memory that this process has held: `peak_gib()` is 0.4 after the imports, say.

    Example:
        >>> 0 < peak_gib() < 1000
        True
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _GIB if sys.platform == "darwin" else peak / 2**20  # bytes there, KiB elsewhere


def with_peak(action: Callable[[], Result]) -> tuple[Result, int]:
    """Does something, and measures the memory that it held beyond what was held before.

    Args:
        action: What to do.

    Returns:
        Its result, and the bytes. Where it is not Linux they are those beyond the peak before.

    Example:
        >>> text, more = with_peak(lambda: "x" * 100_000_000)
        >>> len(text), more > 50_000_000
        (100000000, True)
    """
    process = Path("/proc/self")
    if not process.is_dir():
        before = peak_gib()
        return action(), int((peak_gib() - before) * _GIB)
    (process / "clear_refs").write_text("5")  # the peak begins anew
    resident = _bytes("VmRSS")
    result = action()
    # Linux counts pages a batch at a time: the peak may lag.
    return result, max(_bytes("VmHWM") - resident, 0)


def _bytes(name: str) -> int:
    """A figure of this process that Linux keeps, such as its memory or the peak of it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [text for text in lines if text.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024
