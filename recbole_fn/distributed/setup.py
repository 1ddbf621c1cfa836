"""What a run in several processes needs of RecBole: hooks, and configurations without a group."""

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from recbole_fn.distributed.group import Group
from recbole_fn.errors import InputError

_KEYS_OF_A_GROUP = ("world_size", "nproc", "ip", "port", "offset")
_QUIET = {
    "state": "error",
    "show_progress": False,
    "verbose": False,
    "log_wandb": False,
    "save_dataset": False,
    "save_dataloaders": False,
}


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


def init_device(original: Callable[..., Any], config: Any) -> None:
    """Hook of `Config._init_device`: a rank on a CPU joins its group through gloo.

    RecBole knows NCCL alone. Ranks but the first one are quiet, and write nothing.
    """
    keys = config.final_config_dict
    if "local_rank" not in keys or uses_gpus(keys):
        original(config)
    else:
        _join_on_cpu(keys)
    if keys["local_rank"] != 0:
        keys.update(_QUIET)


def _join_on_cpu(keys: dict[str, Any]) -> None:
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // keys["nproc"]))
    if not dist.is_initialized():
        dist.init_process_group(
            "gloo",
            init_method=f"tcp://{keys['ip']}:{keys['port']}",
            rank=keys["local_rank"] + keys["offset"],
            world_size=keys["world_size"],
        )
    keys.update(device=torch.device("cpu"), single_spec=False)


def init_trainer(original: Callable[..., Any], trainer: Any, config: Any, model: Any) -> None:
    """Hook of `AbstractTrainer.__init__`: a model on a CPU is no GPU's, as RecBole takes it."""
    if config["single_spec"] or torch.device(config["device"]).type != "cpu":
        original(trainer, config, model)
        return
    trainer.config, trainer.model = config, model
    trainer.distributed_model = DistributedDataParallel(model)


class _NoBoard:
    """Takes what a board of TensorBoard takes, and writes nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def get_tensorboard(original: Callable[..., Any], logger: Any) -> Any:
    """RecBole's board on the first rank; one that writes nothing on the others."""
    return original(logger) if Group.of_this_process().rank == 0 else _NoBoard()
