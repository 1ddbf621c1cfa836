"""One interface to the old and the new versions of NumPy and Ray.

Each difference is guarded by the version of the package. RecBole's checkpoints are not here: in
both sets of packages torch needs `recbole_fn.checkpoint`.
"""

import functools
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np
from packaging.version import Version

_NUMPY_NAMES = {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_}


@functools.cache  # reading a version takes milliseconds
def at_least(package: str, version: str) -> bool:
    """Whether the installed package has this version or a newer one.

    Args:
        package: Name of the package.
        version: The version.

    Example:
        >>> at_least("numpy", "1.26")
        True
    """
    return Version(metadata.version(package)) >= Version(version)


def restore_numpy_names() -> None:
    """Restores names that NumPy 2 removed and RecBole's `Config` reads; does nothing on NumPy 1.

    Example:
        >>> restore_numpy_names()
        >>> np.float_ is np.float64
        True
    """
    if at_least("numpy", "2"):
        for name, value in _NUMPY_NAMES.items():
            setattr(np, name, value)


def report(metrics: Mapping[str, float]) -> None:
    """Reports metrics of the trial that this process runs to Ray Tune.

    Args:
        metrics: Values by metric name, as the scheduler and the results name them.

    Example:
        >>> from recbole_fn.environment.ray_session import ray_session
        >>> with ray_session(cpus=1):
        ...     from ray import tune
        ...     quiet = run_config(0, verbose=0, storage_path=str(folder.resolve()))
        ...     trials = tune.Tuner(lambda keys: report({"ndcg@10": 0.21}), run_config=quiet).fit()
        >>> trials[0].metrics["ndcg@10"]
        0.21
    """
    if at_least("ray", "2.60"):
        from ray.tune import report
    else:
        from ray.air.session import report
    report(dict(metrics))


def in_trial() -> bool:
    """Whether this process runs a trial of Ray Tune.

    Example:
        >>> in_trial()
        False
    """
    if "ray" not in sys.modules:
        return False
    # Neither version has a public function for it that does not warn.
    if at_least("ray", "2.60"):
        from ray.train._internal.session import get_session

        return get_session() is not None
    from ray.air._internal.session import _get_session

    return _get_session(warn=False) is not None


def run_config(max_failures: int, **options: Any) -> Any:
    """Ray's `RunConfig` of a search.

    Args:
        max_failures: How often a failed trial is run again.
        **options: Further arguments of `RunConfig` that both versions take.

    Example:
        >>> run_config(max_failures=2, name="my-search").failure_config.max_failures
        2
    """
    if at_least("ray", "2.60"):
        from ray.tune import FailureConfig, RunConfig
    else:
        from ray.air import FailureConfig, RunConfig
    return RunConfig(failure_config=FailureConfig(max_failures=max_failures), **options)
