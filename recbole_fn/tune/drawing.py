"""The keys of trials in random and grid search, drawn with Ray's distributions."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from ray import tune

from recbole_fn.tune.dimension import LISTS, Dimension, Keys
from recbole_fn.tune.search import Search


def domain(dimension: Dimension) -> Any:
    """What Ray draws a key from; `value_of` says what a draw stands for.

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
    if dimension.kind == "quniform":  # Ray's own may lack the highest, and each searcher differs
        first, last = dimension.multiples
        return tune.randint(first, last + 1) if first < last else tune.choice([first])
    return getattr(tune, dimension.kind)(*values)


def value_of(dimension: Dimension, draw: Any) -> Any:
    """The value of a key for what was drawn of its `domain`, of Python's types.

    Args:
        dimension: The key.
        draw: What was drawn: for `quniform` the number of steps.

    Examples:
        >>> value_of(Dimension("hidden_size", "quniform", (16, 64, 16)), np.int64(3))
        48
        >>> value_of(Dimension("dropout_prob", "quniform", (0.1, 0.5, 0.1)), 3)
        0.3
    """
    value = plain(draw)
    return dimension.multiple(value) if dimension.kind == "quniform" else value


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
            draws = {one.name: domain(one).sample(random_state=random) for one in free}
            chosen = {one.name: value_of(one, draws[one.name]) for one in free}
            yield {one.name: {**fixed, **chosen}[one.name] for one in search.space}


def plain(value: Any) -> Any:
    """A number of NumPy as one of Python's, which files can hold.

    Examples:
        >>> plain(np.float64(0.5)), plain("full")
        (0.5, 'full')
    """
    return value.item() if isinstance(value, np.generic) else value
