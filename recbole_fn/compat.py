"""What differs between the two sets of packages in `environment`, each guarded by its version.

RecBole's checkpoints are not here: both sets have a torch that needs `recbole_fn.checkpoint`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
from packaging.version import Version

_NUMPY_NAMES = {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_}


def _at_least(package: str, version: str) -> bool:
    return Version(metadata.version(package)) >= Version(version)


def restore_numpy_names() -> None:
    """Gives NumPy 2 back the names that making RecBole's `Config` reads; NumPy 1 has them."""
    if _at_least("numpy", "2"):
        for name, value in _NUMPY_NAMES.items():
            setattr(np, name, value)


def report(metrics: Mapping[str, Any], checkpoint: Union[str, Path, None] = None) -> None:
    """Tells Ray Tune how far the trial is that this process runs.

    Args:
        metrics: The numbers by their names, as the scheduler and the results name them.
        checkpoint: A folder, which Ray copies before this returns; None for metrics alone.
    """
    if _at_least("ray", "2.60"):
        from ray.tune import Checkpoint, report
    else:
        from ray.air import Checkpoint
        from ray.air.session import report
    folder = checkpoint and Checkpoint.from_directory(str(checkpoint))
    report(dict(metrics), checkpoint=folder)


@contextmanager
def reported_checkpoint() -> Iterator[Optional[Path]]:
    """The folder that this trial reported last, before it failed, was paused or was stopped.

    Yields:
        The folder, to be read within the context; None in a trial that begins.
    """
    if _at_least("ray", "2.60"):
        from ray.tune import get_checkpoint
    else:
        from ray.air.session import get_checkpoint
    found = get_checkpoint()
    if found is None:
        yield None
    else:
        with found.as_directory() as folder:
            yield Path(folder)
