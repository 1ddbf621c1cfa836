"""Which keys the next trial gets: those of a trial that was stopped first, then new ones."""

import itertools
from collections.abc import Iterator, Sequence
from time import time
from typing import Any

import numpy as np
from ray import tune
from ray.tune.search import Searcher

from recbole_fn.tune import records
from recbole_fn.tune.records import Record
from recbole_fn.tune.scheduling import METRIC
from recbole_fn.tune.search import Search
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.space import LISTS, Dimension, Keys
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError


def domain(dimension: Dimension) -> Any:
    """What Ray draws a key from.

    Args:
        dimension: The key; not of kind `grid`.
    """
    values = dimension.values
    if dimension.kind == "choice":
        return tune.choice(list(values))
    if dimension.kind == "quniform" and dimension.is_integral:
        return tune.qrandint(*values)
    return getattr(tune, dimension.kind)(*values)


def num_trials(search: Search) -> int:
    """How many trials a search has."""
    settings, combinations = search.settings, len(_combinations(search))
    if settings.search == "grid":
        return combinations
    return settings.num_samples * combinations


def _combinations(search: Search) -> list[Keys]:
    kinds = LISTS if search.settings.search == "grid" else ("grid",)
    listed = [one for one in search.space if one.kind in kinds]
    names = [one.name for one in listed]
    return [
        dict(zip(names, values, strict=False))
        for values in itertools.product(*(d.values for d in listed))
    ]


def drawn(search: Search) -> Iterator[Keys]:
    """The keys of trials 0, 1 and so on, in random or grid search; they depend on the seed alone.

    Args:
        search: The search.
    """
    random = np.random.RandomState(search.settings.seed)
    combinations = _combinations(search)
    while True:
        for fixed in combinations:
            free = [one for one in search.space if one.name not in fixed]
            chosen = {one.name: _plain(domain(one).sample(random_state=random)) for one in free}
            yield {one.name: {**fixed, **chosen}[one.name] for one in search.space}


def make_searcher(search: Search, bigger: bool) -> Any:
    """Ray's searcher; None for random and grid search.

    Raises:
        InputError: if the package that it needs is not installed.
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
    """

    def __init__(
        self, search: Search, storage: Storage, trials: Sequence[Record], bigger: bool
    ) -> None:
        super().__init__(metric=METRIC, mode="max" if bigger else "min")
        self.storage, self.total = storage, num_trials(search)
        self._left = [trial for trial in trials if trial.status not in records.ENDED]
        self._next = 1 + max((trial.number for trial in trials), default=-1)
        self._inner = make_searcher(search, bigger)
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
        return None if keys is None else {name: _plain(value) for name, value in keys.items()}


def _replay(searcher: Any, trials: Sequence[Record], bigger: bool) -> None:
    """Lets a searcher live again through what was chosen and what ended, in the same order."""
    events = [(trial.chosen, 0, trial) for trial in trials]
    events += [(trial.ended or 0.0, 1, trial) for trial in trials if trial.status in records.ENDED]
    for _, has_ended, trial in sorted(events, key=lambda event: event[:2]):
        if not has_ended:
            searcher.suggest(_name(trial.number))
            continue
        best = trial.best(bigger)
        result = None if best is None else {METRIC: best["score"]}
        searcher.on_trial_complete(_name(trial.number), result, result is None)


def _name(number: int) -> str:
    return f"{number:04d}"


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python's, which files can hold."""
    return value.item() if isinstance(value, np.generic) else value
