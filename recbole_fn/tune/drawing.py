"""The keys of trials in random and grid search, drawn with Ray's distributions."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from ray import tune

from recbole_fn.tune.search import Search
from recbole_fn.tune.space import LISTS, Dimension, Keys


def domain(dimension: Dimension) -> Any:
    """What Ray draws a key from.

    Args:
        dimension: The key; not of kind `grid`.

    Examples:
        >>> domain(Dimension("hidden_size", "choice", (64, 128))).categories
        [64, 128]
        >>> domain(Dimension("layers", "randint", (1, 4))).upper  # exclusive
        4
    """
    values = dimension.values
    if dimension.kind == "choice":
        return tune.choice(list(values))
    if dimension.kind == "quniform" and dimension.is_integral:
        return tune.qrandint(*values)
    return getattr(tune, dimension.kind)(*values)


def num_trials(search: Search) -> int:
    """How many trials a search has.

    Examples:
        >>> from recbole_fn.tune.settings import TuneSettings
        >>> space = (Dimension("m", "grid", (2, 5, 8)), Dimension("rate", "uniform", (0.0, 1.0)))
        >>> num_trials(Search("SASRec", "tiny", {}, space, {}, TuneSettings(num_samples=4)))
        12
    """
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

    Examples:
        >>> from recbole_fn.tune.settings import TuneSettings
        >>> space = (Dimension("m", "grid", (2, 5)), Dimension("layers", "choice", (1,)))
        >>> search = Search("SASRec", "tiny", {}, space, {}, TuneSettings())
        >>> list(itertools.islice(drawn(search), 3))
        [{'m': 2, 'layers': 1}, {'m': 5, 'layers': 1}, {'m': 2, 'layers': 1}]
    """
    random = np.random.RandomState(search.settings.seed)
    combinations = _combinations(search)
    while True:
        for fixed in combinations:
            free = [one for one in search.space if one.name not in fixed]
            chosen = {one.name: plain(domain(one).sample(random_state=random)) for one in free}
            yield {one.name: {**fixed, **chosen}[one.name] for one in search.space}


def plain(value: Any) -> Any:
    """A number of NumPy as one of Python's, which files can hold.

    Examples:
        >>> plain(np.float64(0.5)), plain("full")
        (0.5, 'full')
    """
    return value.item() if isinstance(value, np.generic) else value
