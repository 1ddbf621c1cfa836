"""Searches for the best keys with Ray Tune.

A trial is a number, and values for the keys of the space. Its files say all that there is to know
of it, so a search that was stopped in any way goes on from them, whatever Ray has kept:

`search.yaml`: the search: `model`, `dataset`, `shared` (keys of all trials), `space`, `settings`.
`trials/<number>/keys.json`, `record.json`, `end.json`: see `records`.
`trials/<number>/best.pth`, `best-last.pth`: checkpoints of the best and of the last validation.
`trials/<number>/log.txt`: the log of the trial.

`trials.csv`: a line for each trial, the best first.
`trials.html`: scores against epochs and the effect of each key, as a page.
`best.yaml`, `best.pth`: all keys of the best trial, and its checkpoint.

Data flows one way: `definition` reads `space` and `settings` into a `search`; `running` lets Ray
run each `trial`, whose keys `drawing` or `searchers` choose and which `scheduling` stops; `results`
reads what they wrote.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "tune": "tuning",
    "resume": "tuning",
    "objective_function": "objective",
    "TuneSettings": "settings",
}
__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    """Imports public names when they are first used: neither RecBole nor Ray loads at once."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
