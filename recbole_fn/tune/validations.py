"""The validations of a trial, and the metrics that it reports to Ray."""

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter, time
from typing import Any

from recbole_fn.training.attach import attach
from recbole_fn.training.callbacks import Callback
from recbole_fn.utils.trainer_type import Trainer

Entry = dict[str, Any]


class Validations(Callback):
    """The validations of a trainer of RecBole.

    Args:
        trainer: The trainer.
        before: Validations of the same trial before it was stopped.
        note: Is called with `entries` after each validation, before a checkpoint of it is written.

    Attributes:
        entries: For each validation {"epoch" (from 0), "score", "result": {metric: value},
            "seconds" (since the one before), "time" (since 1970)}.

    Examples:
        `objective_function` reports each validation to Ray:

        >>> validations = Validations(new_run.trainer)
        >>> validations.on_validation_end(new_run.trainer, 0, 0.2, {"ndcg@10": 0.2})
        >>> validations.report()
        {'ndcg@10': 0.2, 'score': 0.2, 'best_score': 0.2, 'epoch': 1}
    """

    def __init__(
        self,
        trainer: Trainer,
        before: Iterable[Entry] = (),
        note: Callable[[list[Entry]], None] | None = None,
    ) -> None:
        self.entries, self._note = list(before), note
        self._bigger = bool(trainer.valid_metric_bigger)
        self._begin = perf_counter()
        attach(trainer, self)

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Adds a validation; it takes the place of one of the same epoch."""
        now = perf_counter()
        entry: Entry = {"epoch": epoch, "score": score, "result": dict(result)}
        entry.update(seconds=now - self._begin, time=time())
        self._begin = now
        self.entries = [*(one for one in self.entries if one["epoch"] < epoch), entry]
        if self._note is not None:
            self._note(self.entries)

    def report(self) -> dict[str, Any]:
        """The metrics of the last validation, as Ray gets them."""
        return as_reported(self.entries, self._bigger)


def best_of(entries: Iterable[Entry], bigger: bool) -> Entry:
    """The validation with the best score, the last of equals, whose checkpoint RecBole saves.

    Args:
        entries: Validations, at least one.
        bigger: Whether bigger scores are better.

    Examples:
        >>> best_of([{"epoch": 0, "score": 0.2}, {"epoch": 1, "score": 0.2}], bigger=True)
        {'epoch': 1, 'score': 0.2}
    """
    latest_first = reversed(list(entries))
    return (max if bigger else min)(latest_first, key=lambda entry: entry["score"])


def as_reported(entries: list[Entry], bigger: bool) -> dict[str, Any]:
    """The metrics of the last of some validations, as Ray gets them.

    Args:
        entries: The validations of a trial up to it.
        bigger: Whether bigger scores are better.

    Returns:
        All metrics, `score`, `best_score` (which schedulers and searchers read: it is what a trial
        is worth in the end), and `epoch` (trained so far).

    Examples:
        >>> before = {"epoch": 0, "score": 0.2, "result": {"ndcg@10": 0.2}}
        >>> last = {"epoch": 1, "score": 0.1, "result": {"ndcg@10": 0.1}}
        >>> as_reported([before, last], bigger=True)
        {'ndcg@10': 0.1, 'score': 0.1, 'best_score': 0.2, 'epoch': 2}
    """
    last, best = entries[-1], best_of(entries, bigger)
    scores = {"score": last["score"], "best_score": best["score"]}
    return {**last["result"], **scores, "epoch": last["epoch"] + 1}
