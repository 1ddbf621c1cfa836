"""Lets RecBole run in several processes on CPUs too, of which one alone writes."""

import os
from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import uses_gpus

_QUIET = {
    "state": "error",
    "show_progress": False,
    "verbose": False,
    "log_wandb": False,
    "save_dataset": False,
    "save_dataloaders": False,
}


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
