"""What processes of this machine send one another."""

from pathlib import Path

_COUNTERS = Path("/proc/net/dev")


def sent_bytes() -> int:
    """Bytes that went over the loopback interface since it came up; 0 where Linux does not count.

    Those of other programs count too, so a difference is right on a quiet machine alone.

    Example:
        >>> before = sent_bytes()
        >>> sent_bytes() >= before
        True
    """
    lines = _COUNTERS.read_text().splitlines() if _COUNTERS.exists() else []
    counts = [line.split(":")[1].split() for line in lines if line.strip().startswith("lo:")]
    return int(counts[0][8]) if counts else 0  # after the eight of what was received
