"""Watches a search from Ray's callbacks: how trials end, and a table that shows them."""

import sys
from time import monotonic, time
from typing import Any

from ray.tune import Callback

from recbole_fn.tune import records
from recbole_fn.tune.records import Record
from recbole_fn.tune.storage import Storage
from recbole_fn.tune.tables import live_table
from recbole_fn.tune.trial import LOG

_EVERY = {True: 2.0, False: 60.0}  # seconds between two tables, on a terminal or in a file


class Watch(Callback):
    """Notes how trials end, says which failed, and shows a table of all.

    Args:
        storage: The search's place.
        trials: The trials so far.
        total: How many trials there will be.
        metric: What scores are.
        bigger: Whether bigger scores are better.

    Examples:
        `run_trials` hands it to Ray, which calls its hooks:

        >>> from types import SimpleNamespace
        >>> watch = Watch(Storage("saved/tune"), [], total=20, metric="ndcg@10", bigger=True)
        >>> watch.on_trial_complete(0, [], SimpleNamespace(config={"number": 0}))
        >>> watch.trials[0].status  # by the scheduler, before its last epoch
        'stopped'
    """

    def __init__(
        self, storage: Storage, trials: list[Record], total: int, metric: str, bigger: bool
    ) -> None:
        self.storage, self.total = storage, total
        self.metric, self.bigger = metric, bigger
        self.trials = {trial.number: trial for trial in trials}
        self._starts: dict[int, int] = {}
        self._shown, self._lines, self._table = 0.0, 0, ""

    def on_trial_start(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
        """Ray's hook: a trial starts, or starts again after it failed."""
        record = self._read(trial)
        again = self._starts.get(record.number, 0)
        self._starts[record.number] = again + 1
        if again:
            self._say(f"trial {record.number} failed and is tried again; see {self._log(record)}")

    def on_trial_result(
        self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any
    ) -> None:
        """Ray's hook: a trial has validated."""
        self._read(trial)

    def on_trial_complete(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
        """Ray's hook: a trial was stopped by the scheduler, or has ended by itself."""
        record = self._read(trial)
        if record.status == "failed":
            self._end(record, "failed", record.reason)
            self._say(f"trial {record.number} failed: {record.reason}; see {self._log(record)}")
        else:
            self._end(record, record.status if record.done else "stopped", "")

    def on_trial_error(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
        """Ray's hook: a trial has failed as often as it may."""
        record = self._read(trial)
        reason = last_line(self.storage.read(f"{record.name}/{LOG}"))
        self._end(record, "failed", reason)
        self._say(f"trial {record.number} failed ({reason[:200]}); see {self._log(record)}")

    def on_step_end(self, iteration: int, trials: Any, **info: Any) -> None:
        """Ray's hook, called again and again."""
        if monotonic() - self._shown > _EVERY[sys.stderr.isatty()]:
            self.show()

    def show(self) -> None:
        """Shows the table; on a terminal in place of the one before."""
        table = live_table(list(self.trials.values()), self.total, self.metric, self.bigger)
        self._shown = monotonic()
        if table == self._table:
            return
        if sys.stderr.isatty() and self._lines:
            sys.stderr.write(f"\x1b[{self._lines}F\x1b[J")  # up, and clear what is below
        self._table, self._lines = table, table.count("\n") + 1
        print(table, file=sys.stderr, flush=True)

    def _read(self, trial: Any) -> Record:
        record = records.read(self.storage, trial.config["number"])
        self.trials[record.number] = record
        return record

    def _end(self, record: Record, status: str, reason: str) -> None:
        record.status, record.reason, record.ended = status, reason, time()
        records.write_end(self.storage, record)

    def _log(self, record: Record) -> str:
        return f"{self.storage.place}/{record.name}/{LOG}"

    def _say(self, line: str) -> None:
        self._lines, self._table = 0, ""  # the next table goes below
        print(line, file=sys.stderr, flush=True)


def last_line(text: Any) -> str:
    """The last line of a log that is not empty: of a traceback, the error.

    Examples:
        >>> last_line(f"Traceback (most recent call last):{chr(10)}ValueError: no data")
        'ValueError: no data'
    """
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1] if lines else "its process died before it wrote anything"
