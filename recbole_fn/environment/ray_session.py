"""Starts and ends Ray: on this machine, heard by nobody else, or at a running cluster."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recbole_fn.environment.packages import require_ray_packages

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # what happens is recorded by `recbole_fn.tune`
}
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


def import_ray(address: str | None = None) -> Any:
    """Imports Ray, set up before it reads its environment.

    Without a cluster all of its processes listen on 127.0.0.1 alone. Ray has no option for that;
    it does so where it takes the machine for one that is no member of a cluster.

    Args:
        address: A cluster of Ray; None for this machine.

    Raises:
        InputError: if the packages that Ray needs are wrong.
    """
    require_ray_packages()
    os.environ.update(_ENVIRONMENT)
    if address is None:
        os.environ[_LOOPBACK] = "0"
    already = "ray" in sys.modules
    import ray

    if already:  # by RecBole's quick start, say: then it has read its environment before
        from ray._private import ray_constants

        ray_constants.ENABLE_RAY_CLUSTER = address is not None
    return ray


@contextmanager
def ray_session(address: str | None = None, cpus: int | None = None) -> Iterator[Any]:
    """Within the context Ray runs; afterwards it is shut down, after an error too.

    Args:
        address: A cluster of Ray, which goes on running; None starts Ray on this machine, whatever
            an earlier one has left behind.
        cpus: CPUs that Ray hands out on this machine; all by default.

    Yields:
        The module `ray`.
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
