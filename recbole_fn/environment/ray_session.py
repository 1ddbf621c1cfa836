"""Starts and ends Ray: on this machine, closed to the network, or on a running cluster."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recbole_fn.environment.packages import require_ray_packages

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # `recbole_fn.tune` keeps its own records
    # A trial that ends before it validates reports nothing, which is no mistake of the search.
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
}
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


def import_ray(address: str | None = None) -> Any:
    """Imports Ray after setting the environment variables that it reads on import.

    Without a cluster, all of Ray's processes listen on 127.0.0.1 only. Ray has no option for
    this; it does so on platforms where it does not support clusters.

    Args:
        address: The address of a Ray cluster; None for this machine.

    Raises:
        InputError: if packages that Ray needs are missing or have wrong versions.

    Example:
        >>> ray = import_ray()
        >>> ray.is_initialized(), os.environ["RAY_USAGE_STATS_ENABLED"]
        (False, '0')
    """
    require_ray_packages()
    os.environ.update(_ENVIRONMENT)
    if address is None:
        os.environ[_LOOPBACK] = "0"
    already = "ray" in sys.modules
    import ray

    if already:  # by RecBole's quick start, say, before the variables were set
        from ray._private import ray_constants

        ray_constants.ENABLE_RAY_CLUSTER = address is not None
    return ray


@contextmanager
def ray_session(address: str | None = None, cpus: int | None = None) -> Iterator[Any]:
    """Runs Ray within the context and shuts it down afterwards, also after an error.

    Args:
        address: The address of a Ray cluster, which keeps running; None starts Ray on this
            machine, even if files of an earlier session are left over.
        cpus: CPUs that Ray may use on this machine; None for all.

    Yields:
        The module `ray`.

    Example:
        >>> with ray_session(cpus=2) as ray:
        ...     ray.get(ray.remote(lambda number: number + 1).remote(2))
        3
    """
    ray = import_ray(address)
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address is not None:
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", num_cpus=cpus, include_dashboard=False, **quiet)
        yield ray
    finally:
        ray.shutdown()
