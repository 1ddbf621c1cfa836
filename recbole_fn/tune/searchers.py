"""Which keys the next trial gets: those of a trial that was stopped first, then new ones."""

import itertools
from collections.abc import Sequence
from time import time
from typing import Any

from ray.tune.search import Searcher

from recbole_fn.tune import records
from recbole_fn.tune.dimension import Keys
from recbole_fn.tune.drawing import domain, drawn, num_trials, value_of
from recbole_fn.tune.records import Record
from recbole_fn.tune.scheduling import METRIC
from recbole_fn.tune.search import Search
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError


def make_searcher(search: Search, bigger: bool) -> Any:
    """Ray's searcher; None for random and grid search.

    Raises:
        InputError: if the package that it needs is not installed.

    Examples:
        >>> search = Search("SASRec", "tiny", {}, (), {}, TuneSettings(search="random"))
        >>> make_searcher(search, bigger=True) is None
        True
    """
    settings = search.settings
    if settings.search not in ("optuna", "hyperopt"):
        return None
    space = {one.name: domain(one) for one in search.space}
    common = {"metric": METRIC, "mode": "max" if bigger else "min"}
    try:
        return _searcher(settings, space, common)
    except (ImportError, AssertionError) as error:  # Ray asserts that the package is there
        raise InputError(
            f"tune_search is {settings.search!r}, and {settings.search} is not installed; "
            f"pip install recbole_fn[{settings.search}]"
        ) from error


def _searcher(settings: TuneSettings, space: Keys, common: Keys) -> Any:
    if settings.search == "optuna":
        from ray.tune.search.optuna import OptunaSearch

        return OptunaSearch(space, seed=settings.seed, **common)
    from ray.tune.search.hyperopt import HyperOptSearch

    return HyperOptSearch(space, random_state_seed=settings.seed, **common)


class NumberedSearcher(Searcher):
    """Numbers trials, notes their keys, and first hands out the trials that have not ended.

    Args:
        search: The search.
        storage: Its place.
        trials: The trials so far.
        bigger: Whether bigger scores are better.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> from recbole_fn.tune.dimension import Dimension
        >>> space = (Dimension("m", "grid", (2, 5)),)
        >>> search = Search("SASRec", "tiny", {}, space, {}, TuneSettings(search="grid"))
        >>> with TemporaryDirectory() as folder:
        ...     searcher = NumberedSearcher(search, Storage(folder), trials=[], bigger=True)
        ...     [searcher.suggest(trial_id) for trial_id in "ab"]
        [{'number': 0, 'keys': {'m': 2}}, {'number': 1, 'keys': {'m': 5}}]
    """

    def __init__(
        self, search: Search, storage: Storage, trials: Sequence[Record], bigger: bool
    ) -> None:
        super().__init__(metric=METRIC, mode="max" if bigger else "min")
        self.storage, self.total = storage, num_trials(search)
        self._left = [trial for trial in trials if trial.status not in records.ENDED]
        self._next = 1 + max((trial.number for trial in trials), default=-1)
        self._inner, self._space = make_searcher(search, bigger), search.space
        # A generator cannot be sent, and Ray sends a searcher with what it saves.
        self._drawn = list(itertools.islice(drawn(search), self.total if not self._inner else 0))
        self._numbers: dict[str, int] = {}
        if self._inner is not None:
            _replay(self._inner, trials, bigger)

    def suggest(self, trial_id: str) -> Any | None:
        """Ray's hook: the number and keys of the next trial, or that there is none."""
        if self._left:
            record = self._left.pop(0)
        elif self._next >= self.total:
            return Searcher.FINISHED
        else:
            keys = self._new_keys(self._next)
            if keys is None:
                return None  # it waits for a trial to end
            record = Record(self._next, keys, time())
            records.write_keys(self.storage, record)
            self._next += 1
        self._numbers[trial_id] = record.number
        return {"number": record.number, "keys": record.keys}

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Ray's hook: a trial has ended."""
        if self._inner is not None and trial_id in self._numbers:
            name = _name(self._numbers[trial_id])
            has_score = bool(result) and METRIC in (result or {})
            self._inner.on_trial_complete(name, result if has_score else None, not has_score)

    def save(self, checkpoint_path: str) -> None:
        """Ray's hook: nothing, as it goes on from the trials' own records."""

    def restore(self, checkpoint_path: str) -> None:
        """Ray's hook: nothing, see `save`."""

    def _new_keys(self, number: int) -> Keys | None:
        if self._inner is None:
            return self._drawn[number]
        keys = self._inner.suggest(_name(number))
        if keys is None:
            return None
        return {one.name: value_of(one, keys[one.name]) for one in self._space if one.name in keys}


def _replay(searcher: Any, trials: Sequence[Record], bigger: bool) -> None:
    """Lets a searcher live again through what was chosen and what ended, in the same order."""
    events = [(trial.chosen, 0, trial) for trial in trials]
    events += [(trial.ended or 0.0, 1, trial) for trial in trials if trial.status in records.ENDED]
    for _, has_ended, trial in sorted(events, key=lambda event: event[:2]):
        if not has_ended:
            searcher.suggest(_name(trial.number))
            continue
        best = None if trial.status == "failed" else trial.best(bigger)  # as Ray told it then
        result = None if best is None else {METRIC: best["score"]}
        searcher.on_trial_complete(_name(trial.number), result, result is None)


def _name(number: int) -> str:
    return f"{number:04d}"
