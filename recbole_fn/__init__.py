"""False-negative extraction for the sequential recommenders of RecBole (UFNRec).

Importing this package changes nothing in RecBole; `register()` does.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "register": "hooks.patching",
    "unregister": "hooks.patching",
    "is_registered": "hooks.patching",
    "check": "checking.check",
    "run_recbole_fn": "experiment.run",
    "load_data_and_model": "experiment.load",
    "recommend": "recommendation.recommend",
    "compare": "comparison.compare",
    "FNSettings": "config.settings",
    "InputError": "utils.errors",
}
_ROOMS = ("report", "tune")  # with functions of their own: recbole_fn.tune.tune
__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    """Imports public names when they are first used, so that a look at the version is cheap."""
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
