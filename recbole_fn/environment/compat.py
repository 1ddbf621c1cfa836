"""What differs between the two sets of packages in `environment`, each guarded by its version.

RecBole's checkpoints are not here: both sets have a torch that needs `recbole_fn.checkpoint`.
"""

import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np
from packaging.version import Version

_NUMPY_NAMES = {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_}


def at_least(package: str, version: str) -> bool:
    """Whether an installed package has at least a version.

    Args:
        package: Its name.
        version: The version.

    Examples:
        >>> at_least("numpy", "1.26")
        True
    """
    return Version(metadata.version(package)) >= Version(version)


def restore_numpy_names() -> None:
    """Gives NumPy 2 back the names that making RecBole's `Config` reads; NumPy 1 has them."""
    if at_least("numpy", "2"):
        for name, value in _NUMPY_NAMES.items():
            setattr(np, name, value)


def report(metrics: Mapping[str, Any]) -> None:
    """Tells Ray Tune how far the trial is that this process runs.

    Args:
        metrics: The numbers by their names, as the scheduler and the results name them.
    """
    if at_least("ray", "2.60"):
        from ray.tune import report
    else:
        from ray.air.session import report
    report(dict(metrics))


def in_trial() -> bool:
    """Whether this process runs a trial of Ray Tune."""
    if "ray" not in sys.modules:
        return False
    # Neither generation answers this in public without a warning.
    if at_least("ray", "2.60"):
        from ray.train._internal.session import get_session

        return get_session() is not None
    from ray.air._internal.session import _get_session

    return _get_session(warn=False) is not None


def run_config(max_failures: int, **more: Any) -> Any:
    """The configuration of a search.

    Args:
        max_failures: How often a trial that fails is tried again.
        **more: What Ray's `RunConfig` takes in both generations.
    """
    if at_least("ray", "2.60"):
        from ray.tune import FailureConfig, RunConfig
    else:
        from ray.air import FailureConfig, RunConfig
    return RunConfig(failure_config=FailureConfig(max_failures=max_failures), **more)
