"""The configuration, data and GPUs of a run in several processes."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from recbole_fn.distributed.group import Group
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Keys

_KEYS_OF_A_GROUP = ("world_size", "nproc", "ip", "port", "offset")


def as_alone(config: Config) -> Config:
    """A copy of a configuration that looks like the one of a single process.

    With the original, RecBole's loaders would deal out rows to ranks in each epoch and repeat some
    to make the numbers equal; and a checkpoint would need the same group again.

    Args:
        config: RecBole's configuration; returned as it is for a single process.

    Examples:
        >>> config = {"single_spec": True}
        >>> as_alone(config) is config
        True
    """
    if config["single_spec"]:
        return config
    alone = copy.copy(config)
    keys = config.final_config_dict.items()
    others = {key: value for key, value in keys if key not in _KEYS_OF_A_GROUP}
    alone.final_config_dict = {**others, "single_spec": True, "local_rank": 0}
    return alone


@contextmanager
def one_downloads(config: Config) -> Iterator[None]:
    """Within the context, one rank of a machine reads the data before the others.

    Only if they have to be downloaded: RecBole would let the other ranks continue without them.

    Args:
        config: RecBole's configuration.

    Examples:
        >>> with one_downloads({"data_path": ".", "local_rank": 0}):
        ...     print("reads the data")
        reads the data
    """
    group = Group.of_this_process()
    if not group.agree(not Path(config["data_path"]).exists()):
        yield
        return
    if config["local_rank"] != 0:
        group.wait()
    yield
    if config["local_rank"] == 0:
        group.wait()


def uses_gpus(keys: Keys) -> bool:
    """Whether a run is on GPUs, by RecBole's rule.

    Args:
        keys: RecBole's final configuration dictionary.

    Examples:
        >>> uses_gpus({"gpu_id": ""})
        False
    """
    return bool(_gpus(keys)) and torch.cuda.is_available()


def require_gpus(keys: Keys, nproc: int) -> None:
    """Checks that each process has a GPU, if the run is on GPUs.

    Args:
        keys: RecBole's final configuration dictionary.
        nproc: Processes on this machine.

    Raises:
        InputError: if there are more processes than GPUs.

    Examples:
        >>> require_gpus({"gpu_id": ""}, nproc=4)  # on CPUs
    """
    if uses_gpus(keys) and min(len(_gpus(keys)), torch.cuda.device_count()) < nproc:
        raise InputError(
            f"--nproc is {nproc} and gpu_id is {','.join(_gpus(keys))!r}; --nproc must be at most "
            f"the number of GPUs, or --gpu_id= for CPUs"
        )


def _gpus(keys: Keys) -> list[str]:
    ids = keys["gpu_id"]
    text = ",".join(map(str, ids)) if isinstance(ids, (tuple, list)) else str(ids)
    return [gpu.strip() for gpu in text.split(",") if gpu.strip()]
