"""What each validation of a trial finds, and what Ray is told of it."""

from collections.abc import Iterable
from time import perf_counter, time
from typing import Any

Entry = dict[str, Any]


class Validations:
    """The validations of a trainer of RecBole.

    Args:
        trainer: The trainer.
        before: Validations of the same trial before it was stopped.

    Attributes:
        entries: For each validation {"epoch" (from 0), "score", "result": {metric: value},
            "seconds" (since the one before), "time" (since 1970)}.
    """

    def __init__(self, trainer: Any, before: Iterable[Entry] = ()) -> None:
        self.entries = list(before)
        self._bigger = bool(trainer.valid_metric_bigger)
        self._result: dict[str, float] = {}
        self._begin = perf_counter()
        self._valid_epoch = trainer._valid_epoch
        trainer._valid_epoch = self._noted

    def _noted(self, *args: Any, **kwargs: Any) -> Any:
        score, result = self._valid_epoch(*args, **kwargs)
        self._result = {name: float(value) for name, value in result.items()}
        return score, result

    def add(self, epoch: int, score: float) -> dict[str, Any]:
        """Adds a validation; it takes the place of one of the same epoch.

        Args:
            epoch: The epoch, from 0.
            score: The score.

        Returns:
            What Ray is told.
        """
        now = perf_counter()
        entry: Entry = {"epoch": epoch, "score": float(score), "result": self._result}
        entry.update(seconds=now - self._begin, time=time())
        self._begin = now
        self.entries = [*(one for one in self.entries if one["epoch"] < epoch), entry]
        return as_reported(self.entries, self._bigger)


def best_of(entries: Iterable[Entry], bigger: bool) -> Entry:
    """The validation with the best score, the first of equals.

    Args:
        entries: Validations, at least one.
        bigger: Whether bigger scores are better.
    """
    return (max if bigger else min)(entries, key=lambda entry: entry["score"])


def as_reported(entries: list[Entry], bigger: bool) -> dict[str, Any]:
    """What Ray is told of the last of some validations.

    Args:
        entries: The validations of a trial up to it.
        bigger: Whether bigger scores are better.

    Returns:
        All metrics, `score`, `best_score` (which schedulers and searchers read: it is what a trial
        is worth in the end), and `epoch` (trained so far).
    """
    last, best = entries[-1], best_of(entries, bigger)
    scores = {"score": last["score"], "best_score": best["score"]}
    return {**last["result"], **scores, "epoch": last["epoch"] + 1}
