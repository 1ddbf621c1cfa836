"""Shows how far a comparison is, and what its jobs are doing."""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

_EVERY, _LINE_EVERY = 1.0, 30.0  # seconds between two looks, and between two lines of a log


class Watch:
    """A bar of the jobs with a line below of what runs; where nobody watches, a line now and then.

    Args:
        total: Number of jobs.
        done: Jobs that have finished before.
        look: Returns what the jobs that run now are doing, a line each.

    Example:
        >>> with Watch(total=6, done=2, look=lambda: ["flip-1: epoch 3 of 9"]) as watch:
        ...     watch.ended()  # a bar on the terminal: 3 of 6 jobs
    """

    def __init__(self, total: int, done: int, look: Callable[[], list[str]]) -> None:
        self._look, self._end = look, threading.Event()
        # A line that is longer than the terminal would break, and the bar above would not be met.
        common: dict[str, Any] = {"dynamic_ncols": True, "disable": None}  # None: no terminal
        self._bar = tqdm(total=total, initial=done, unit="job", **common)
        self._below = tqdm(total=0, position=1, bar_format="{desc}", leave=False, **common)
        self._done, self._total = done, total
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._below.close()
        self._bar.close()

    def ended(self) -> None:
        """A job has ended."""
        self._done += 1
        self._bar.update()

    def say(self, line: str) -> None:
        """Shows a line that stays."""
        self._bar.write(line, file=sys.stderr)

    def _watch(self) -> None:
        shown = time.monotonic()
        while not self._end.wait(_EVERY):
            doing = "; ".join(self._look())
            if not self._bar.disable:
                self._below.set_description_str(doing)
                self._bar.refresh()  # its clock goes on
            elif doing and time.monotonic() - shown >= _LINE_EVERY:
                shown = time.monotonic()
                self.say(f"{self._done} of {self._total} jobs; {doing}")
