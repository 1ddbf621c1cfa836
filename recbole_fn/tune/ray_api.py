"""What differs between generations of Ray, for the search: these three names and no others."""

import sys
from typing import Any


def report(metrics: dict[str, Any]) -> None:
    """Reports from within a trial.

    Args:
        metrics: What to report.
    """
    from ray import tune

    if _is_new(tune):
        tune.report(metrics)
    else:
        from ray.air import session

        session.report(metrics)


def in_trial() -> bool:
    """Whether this code runs in a trial of Ray."""
    if "ray" not in sys.modules:
        return False
    from ray.train._internal.session import get_session

    return get_session() is not None


def run_config(max_failures: int, **more: Any) -> Any:
    """The configuration of a run.

    Args:
        max_failures: How often a trial that fails is tried again.
        **more: What Ray's `RunConfig` takes in all generations.
    """
    from ray import air, tune

    owner = tune if _is_new(tune) else air
    failures = owner.FailureConfig(max_failures=max_failures)
    return owner.RunConfig(failure_config=failures, **more)


def _is_new(tune: Any) -> bool:
    """Whether Ray Tune has its own configurations, as from Ray 2.43 on."""
    return hasattr(tune, "RunConfig")
