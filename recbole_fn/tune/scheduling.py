"""What stops weak trials: Ray's schedulers, with what they knew before a search was stopped."""

from collections.abc import Iterable
from typing import Any

from ray.tune.schedulers import AsyncHyperBandScheduler, FIFOScheduler, MedianStoppingRule

from recbole_fn.tune.records import Record
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.validations import as_reported

METRIC = "best_score"
_RATE = 3  # ASHA goes on with the best third at each rung; Li et al., arXiv 1810.05934, use 4


def make_scheduler(settings: TuneSettings, epochs: int, bigger: bool) -> Any | None:
    """Ray's scheduler for a search; None where nothing is stopped.

    Args:
        settings: The `tune_` keys.
        epochs: The most epochs that a trial trains.
        bigger: Whether bigger scores are better.

    Examples:
        >>> make_scheduler(TuneSettings(scheduler="none"), epochs=50, bigger=True) is None
        True
        >>> type(make_scheduler(TuneSettings(scheduler="asha"), epochs=50, bigger=True)).__name__
        'AsyncHyperBandScheduler'
    """
    grace = settings.grace_epochs
    common = {"time_attr": "epoch", "grace_period": grace}
    common |= {"metric": METRIC, "mode": "max" if bigger else "min"}
    if settings.scheduler == "asha":
        # A trial that gets to the last epoch has ended by itself, it is not stopped.
        last = {"max_t": max(epochs, grace), "stop_last_trials": False}
        return AsyncHyperBandScheduler(**common, **last, reduction_factor=_RATE)
    if settings.scheduler == "median":
        return MedianStoppingRule(**common, min_time_slice=float("inf"))  # it never pauses one
    return None


class NumberedScheduler(FIFOScheduler):
    """Shows trials to a scheduler of Ray under their numbers.

    Ray names a trial anew after a search was stopped. By its number a scheduler knows it again,
    and so do the rungs of ASHA, which Ray does not save.

    Args:
        inner: The scheduler.

    Examples:
        Trial 1 is much worse than trial 0 and stops after one epoch:

        >>> from types import SimpleNamespace
        >>> settings = TuneSettings(scheduler="asha", grace_epochs=1)
        >>> scheduler = NumberedScheduler(make_scheduler(settings, epochs=9, bigger=True))
        >>> for number, score in enumerate((0.9, 0.1)):
        ...     trial = SimpleNamespace(config={"number": number})
        ...     scheduler.on_trial_result(None, trial, {"epoch": 1, METRIC: score})
        'CONTINUE'
        'STOP'
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self._shown: dict[int, Any] = {}
        self._stopped: set[int] = set()

    def replay(self, trials: Iterable[Record], bigger: bool) -> None:
        """Lets the scheduler see again what it saw before a search was stopped.

        Args:
            trials: The trials so far.
            bigger: Whether bigger scores are better.
        """
        seen = [
            (entry["time"], trial.number, trial.epochs[: place + 1])
            for trial in trials
            for place, entry in enumerate(trial.epochs)
        ]
        for _, number, entries in sorted(seen, key=lambda one: one[:2]):
            self._decide(None, number, as_reported(entries, bigger))

    def on_trial_add(self, controller: Any, trial: Any) -> None:
        """Ray's hook."""
        self._of(trial.config["number"])

    def on_trial_result(self, controller: Any, trial: Any, result: dict[str, Any]) -> str:
        """Ray's hook: whether the trial goes on."""
        return self._decide(controller, trial.config["number"], result)

    def _decide(self, controller: Any, number: int, result: dict[str, Any]) -> str:
        """A trial that was to stop when the search was killed stops at its next result."""
        if number in self._stopped:
            return str(self.STOP)
        decision = str(self.inner.on_trial_result(controller, self._of(number), result))
        if decision == self.STOP:
            self._stopped.add(number)
        return decision

    def _of(self, number: int) -> Any:
        if number not in self._shown:
            self._shown[number] = _Shown(number)
            self.inner.on_trial_add(None, self._shown[number])
        return self._shown[number]


class _Shown:
    """What Ray's schedulers read of a trial: its name."""

    def __init__(self, number: int) -> None:
        self.trial_id = f"{number:04d}"
