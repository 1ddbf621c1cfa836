"""What is written about a trial, and what a search reads of it later.

The search writes `keys.json` and, when the trial has ended, `end.json`; the trial itself writes
`record.json` after each validation, so nothing is lost when either is killed.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from recbole_fn.tune.storage import Storage
from recbole_fn.tune.validations import best_of
from recbole_fn.utils.files import as_json

STATUSES = ("finished", "stopped", "failed", "running", "pending")
ENDED = ("finished", "stopped", "failed")
_FOLDER = "trials"


@dataclass
class Record:
    """A trial.

    Attributes:
        number: Its number, from 0.
        keys: The values of the keys of the space.
        chosen: When they were chosen, in seconds since 1970.
        epochs: Its validations, see `Validations.entries`.
        done: Whether it has trained to its end, or given up.
        status: One of `STATUSES`.
        reason: Why it failed or was stopped; empty otherwise.
        ended: When it ended, in seconds since 1970.

    Examples:
        >>> trial = Record(3, {"m": 5}, epochs=[{"epoch": 9, "score": 0.2, "seconds": 4.0}])
        >>> trial.name, trial.trained, trial.seconds
        ('trials/0003', 10, 4.0)
    """

    number: int
    keys: dict[str, Any] = field(default_factory=dict)
    chosen: float = 0.0
    epochs: list[dict[str, Any]] = field(default_factory=list)
    done: bool = False
    status: str = "pending"
    reason: str = ""
    ended: float | None = None

    @property
    def name(self) -> str:
        """The trial's folder within the search's place."""
        return f"{_FOLDER}/{self.number:04d}"

    @property
    def trained(self) -> int:
        """Epochs trained up to its last validation."""
        return int(self.epochs[-1]["epoch"]) + 1 if self.epochs else 0

    @property
    def seconds(self) -> float:
        """How long it has trained and validated."""
        return float(sum(epoch["seconds"] for epoch in self.epochs))

    def best(self, bigger: bool) -> dict[str, Any] | None:
        """The validation with the best score, the last of equals; None before any.

        Args:
            bigger: Whether bigger scores are better.
        """
        return best_of(self.epochs, bigger) if self.epochs else None


def write_keys(storage: Storage, record: Record) -> None:
    """Notes that a trial was chosen.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_keys(Storage(folder), Record(0, {"m": 5}))
        ...     read(Storage(folder), 0).keys
        {'m': 5}
    """
    held = {"number": record.number, "keys": record.keys, "chosen": record.chosen}
    storage.write(f"{record.name}/keys.json", as_json(held))


def write_epochs(storage: Storage, record: Record) -> None:
    """Notes the validations of a trial; called by the trial itself.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_epochs(Storage(folder), Record(0, epochs=[{"epoch": 0, "score": 0.1}]))
        ...     read(Storage(folder), 0).status
        'running'
    """
    held = {"epochs": record.epochs, "done": record.done, "reason": record.reason}
    storage.write(f"{record.name}/record.json", as_json(held))


def write_end(storage: Storage, record: Record) -> None:
    """Notes how a trial has ended.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_end(Storage(folder), Record(0, status="stopped"))
        ...     read(Storage(folder), 0).status
        'stopped'
    """
    held = {"status": record.status, "reason": record.reason, "ended": record.ended}
    storage.write(f"{record.name}/end.json", as_json(held))


def read(storage: Storage, number: int) -> Record:
    """Reads a trial.

    Args:
        storage: The search's place.
        number: The trial's number.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     read(Storage(folder), 7)  # not chosen yet
        Record(number=7, keys={}, ...status='pending'...)
    """
    record = Record(number)
    for name in ("keys", "record", "end"):
        text = storage.read(f"{record.name}/{name}.json")
        vars(record).update(json.loads(text) if text is not None else {})
    if record.status == "pending" and record.epochs:
        record.status = "running"
    if record.status not in ENDED and record.done:  # the search was killed before it noted it
        record.status = "failed" if record.reason else "finished"
    return record


def read_all(storage: Storage) -> list[Record]:
    """All trials that were chosen, by number.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     for number in (1, 0):
        ...         write_keys(Storage(folder), Record(number, {"m": 5}))
        ...     [trial.number for trial in read_all(Storage(folder))]
        [0, 1]
    """
    trials = [read(storage, int(name)) for name in storage.folders(_FOLDER) if name.isdigit()]
    return [trial for trial in trials if trial.keys]


def ranked(records: list[Record], bigger: bool) -> list[Record]:
    """The trials that have a score, the best first; of equals the earlier one.

    One that failed has none, as in RecBole: its keys would fail again.

    Args:
        records: The trials.
        bigger: Whether bigger scores are better.

    Examples:
        >>> scores = (0.1, 0.3, 0.2)
        >>> trials = [Record(n, epochs=[{"score": score}]) for n, score in enumerate(scores)]
        >>> [trial.number for trial in ranked(trials, bigger=True)]
        [1, 2, 0]
    """
    scored = [(one, one.best(bigger)) for one in records if one.status != "failed"]
    sign = -1 if bigger else 1
    keyed = [(sign * best["score"], record.number, record) for record, best in scored if best]
    return [record for _, _, record in sorted(keyed, key=lambda one: one[:2])]
