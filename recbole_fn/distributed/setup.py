"""What a run in several processes asks of its configuration, its data and its GPUs."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from recbole_fn.distributed.group import Group
from recbole_fn.utils.errors import InputError

_KEYS_OF_A_GROUP = ("world_size", "nproc", "ip", "port", "offset")


def as_alone(config: Any) -> Any:
    """A configuration that answers as that of one process does.

    RecBole's loaders would hand rows to ranks anew in each epoch, and repeat some so that all have
    equally many; and a checkpoint would ask for the group that wrote it.

    Args:
        config: RecBole's configuration; itself, if it is of one process.
    """
    if config["single_spec"]:
        return config
    alone = copy.copy(config)
    keys = config.final_config_dict.items()
    kept = {key: value for key, value in keys if key not in _KEYS_OF_A_GROUP}
    alone.final_config_dict = {**kept, "single_spec": True, "local_rank": 0}
    return alone


@contextmanager
def one_downloads(config: Any) -> Iterator[None]:
    """Within the context, one rank of a machine reads the data before the others.

    That is only so where they have to be downloaded; RecBole lets the others go on without them.

    Args:
        config: RecBole's configuration.
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


def uses_gpus(keys: dict[str, Any]) -> bool:
    """Whether a run is on GPUs, by RecBole's rule.

    Args:
        keys: RecBole's final configuration dictionary.
    """
    return bool(_gpus(keys)) and torch.cuda.is_available()


def require_gpus(keys: dict[str, Any], nproc: int) -> None:
    """Checks that each process has a GPU, if the run is on GPUs.

    Args:
        keys: RecBole's final configuration dictionary.
        nproc: Processes on this machine.

    Raises:
        InputError: if there are more processes than GPUs.
    """
    if uses_gpus(keys) and min(len(_gpus(keys)), torch.cuda.device_count()) < nproc:
        raise InputError(
            f"--nproc is {nproc} and gpu_id is {','.join(_gpus(keys))!r}; allowed are as many "
            f"processes as GPUs, or --gpu_id= for CPUs"
        )


def _gpus(keys: dict[str, Any]) -> list[str]:
    given = keys["gpu_id"]
    text = ",".join(map(str, given)) if isinstance(given, (tuple, list)) else str(given)
    return [gpu.strip() for gpu in text.split(",") if gpu.strip()]
