"""Hooks that let RecBole run in several processes on CPUs, with one process that writes."""

import os
from logging import Logger
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from recbole_fn.distributed.group import Group
from recbole_fn.distributed.setup import uses_gpus
from recbole_fn.hooks.original import Original
from recbole_fn.utils.part_types import Board
from recbole_fn.utils.recbole_types import Config, Keys, Model
from recbole_fn.utils.trainer_type import Trainer

_QUIET = {
    "state": "error",
    "show_progress": False,
    "verbose": False,
    "log_wandb": False,
    "save_dataset": False,
    "save_dataloaders": False,
}


def init_device(original: Original, config: Config) -> None:
    """Hook of `Config._init_device`: a rank on a CPU joins its group through gloo.

    RecBole supports only NCCL. All ranks but the first are quiet and write nothing.

    Examples:
        `register` puts it behind `Config`; without `local_rank` there is one process:

        >>> config["single_spec"], config["local_rank"]
        (True, 0)
    """
    keys = config.final_config_dict
    if "local_rank" not in keys or uses_gpus(keys):
        original(config)
    else:
        _join_on_cpu(keys)
    if keys["local_rank"] != 0:
        keys.update(_QUIET)


def _join_on_cpu(keys: Keys) -> None:
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


def init_trainer(original: Original, trainer: Trainer, config: Config, model: Model) -> None:
    """Hook of `AbstractTrainer.__init__`: builds DistributedDataParallel for a CPU.

    RecBole always passes the index of a GPU as `device_ids`.

    Examples:
        >>> init_trainer(print, "the trainer", {"single_spec": True}, "the model")  # one process
        the trainer {'single_spec': True} the model
    """
    if config["single_spec"] or torch.device(config["device"]).type != "cpu":
        original(trainer, config, model)
        return
    trainer.config, trainer.model = config, model
    trainer.distributed_model = DistributedDataParallel(model)


class NoBoard:
    """A TensorBoard writer that writes nothing.

    Examples:
        >>> NoBoard().add_scalar("Loss/Train", 0.5, 0)
    """

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def get_tensorboard(original: Original, logger: Logger) -> Board:
    """Hook of `get_tensorboard`: a writer that writes nothing on all ranks but the first.

    Examples:
        >>> get_tensorboard(lambda logger: "RecBole's writer", None)
        "RecBole's writer"
    """
    board: Board = original(logger) if Group.of_this_process().rank == 0 else NoBoard()
    return board
