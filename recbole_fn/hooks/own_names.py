"""Hooks that give each run names of its own; RecBole names files by the second."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger
from pathlib import Path
from typing import Any

import recbole.utils.logger
import recbole.utils.utils

from recbole_fn.distributed.group import Group
from recbole_fn.hooks.distributed import get_tensorboard as board_of_rank
from recbole_fn.hooks.original import Original
from recbole_fn.utils.claims import claimed, release
from recbole_fn.utils.part_types import Board
from recbole_fn.utils.recbole_types import Config, Trainer


def name_checkpoint(original: Original, trainer: Trainer, *args: Any, **kwargs: Any) -> None:
    """Hook of `Trainer.__init__`: no other run writes the trainer's checkpoint.

    Examples:
        `register` puts it behind `Trainer.__init__`::

            first, second = FNTrainer(config, model), FNTrainer(config, model)
            first.saved_model_file != second.saved_model_file  # even in the same second
    """
    original(trainer, *args, **kwargs)
    if Group.of_this_process().rank == 0:  # the others agree to its name
        trainer.saved_model_file = str(claimed(Path(trainer.saved_model_file)))


def init_logger(original: Original, config: Config) -> None:
    """Hook of `init_logger`: no other run writes the log.

    Examples:
        `register` puts it behind RecBole's function::

            recbole.utils.init_logger(config)
    """
    name = f"{config['model']}-{config['dataset']}"
    with _own_time(recbole.utils.logger, Path("log", config["model"]), name):
        original(config)


def get_tensorboard(original: Original, logger: Logger) -> Board:
    """Hook of `get_tensorboard`: a folder without a log of the same name has its own too.

    Examples:
        `register` puts it behind RecBole's function, which trainers call::

            trainer.tensorboard.log_dir  # a folder of this run alone
    """
    with _own_time(recbole.utils.utils, Path("log_tensorboard"), "model"):
        return board_of_rank(original, logger)


@contextmanager
def _own_time(module: Any, folder: Path, name: str) -> Iterator[None]:
    """Within the context, the time that a module of RecBole reads has a number if it is taken."""
    read, claims = module.get_local_time, list[Path]()

    def own_time() -> str:
        folder.mkdir(parents=True, exist_ok=True)
        claims.append(claimed(folder / f"{name}-{read()}"))
        return claims[-1].name[len(name) + 1 :]

    module.get_local_time = own_time
    try:
        yield
    finally:
        module.get_local_time = read
        for claim in claims:  # a file of the name is there now
            release(claim)
