"""Hooks that give each run names of its own; RecBole names files by the second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger, getLogger
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import recbole.utils.logger
import recbole.utils.utils

from recbole_fn import checkpoint
from recbole_fn.distributed.group import Group
from recbole_fn.hooks.distributed import NoBoard
from recbole_fn.hooks.distributed import get_tensorboard as board_of_rank
from recbole_fn.hooks.original import Original
from recbole_fn.utils.claims import claimed, release
from recbole_fn.utils.folders import is_writable, require_writable
from recbole_fn.utils.part_types import Board
from recbole_fn.utils.recbole_types import Config
from recbole_fn.utils.trainer_type import Trainer

_BOARDS = Path("log_tensorboard")
_PLACES = [Path()]  # where the last log of this process is, if not where the process stands


def name_checkpoint(original: Original, trainer: Trainer, *args: Any, **kwargs: Any) -> None:
    """Hook of `Trainer.__init__`: no other run writes the trainer's checkpoint.

    Raises:
        InputError: if the folder of checkpoints cannot be written.

    Examples:
        `register` puts it behind `Trainer.__init__`:

        >>> trainers = [type(run.trainer)(config, run.model) for _ in range(2)]
        >>> len({trainer.saved_model_file for trainer in trainers})  # even in the same second
        2
    """
    config = kwargs["config"] if "config" in kwargs else args[0]
    require_writable(config["checkpoint_dir"], "checkpoint_dir")
    original(trainer, *args, **kwargs)
    if Group.of_this_process().rank == 0:  # the others agree to its name
        trainer.saved_model_file = str(claimed(Path(trainer.saved_model_file)))


def save_pretrained_model(
    original: Original, trainer: Trainer, epoch: int, saved_model_file: str
) -> None:
    """Hook of `save_pretrained_model`: writes a file that finetuning can `torch.load`.

    RecBole names it by model, data set and epoch; an earlier pretraining's file stays.

    Examples:
        `register` puts it behind `PretrainTrainer`:

        >>> for _ in range(2):
        ...     save_pretrained_model(None, new_run.trainer, 9, "SASRec-tiny-9.pth")
        >>> new_run.trainer.saved_model_file
        'SASRec-tiny-9-2.pth'
    """
    path = saved_model_file
    if Group.of_this_process().rank == 0:  # the others write nothing
        path = str(claimed(Path(saved_model_file)))
    if path != saved_model_file:
        getLogger().warning(f"{saved_model_file!r} is there already; this one is {path!r}.")
    checkpoint.save_trainer(trainer, epoch, verbose=False, saved_model_file=path)
    release(Path(path))
    trainer.saved_model_file = path


def init_logger(original: Original, config: Config) -> None:
    """Hook of `init_logger`: no other run writes the log, and a read-only folder needs none.

    RecBole's folders `log` and `log_tensorboard` are in the folder of checkpoints where the working
    folder cannot be written.

    Raises:
        InputError: if neither can be written.

    Examples:
        `register` puts it behind RecBole's function:

        >>> for _ in range(2):
        ...     recbole.utils.init_logger(config)
        >>> len(list(Path("log").rglob("*.log")))  # even in the same second
        2
    """
    folder, name = Path("log", config["model"]), f"{config['model']}-{config['dataset']}"
    place = Path() if is_writable(folder) else Path(config["checkpoint_dir"])
    _PLACES[:] = [place.absolute()]
    if place != Path():
        require_writable(place, "checkpoint_dir")
    with _standing_in(place), _own_time(recbole.utils.logger, folder, name):
        original(config)
    if place != Path():
        getLogger().warning(
            f"The folder {str(folder.absolute())!r} cannot be written; log and log_tensorboard are "
            f"in {str(place)!r}."
        )


def get_tensorboard(original: Original, logger: Logger) -> Board:
    """Hook of `get_tensorboard`: each run has a folder of its own, beside the folder of its log.

    RecBole names the folder like the log up to the first dot, which a data set's name may have.

    Examples:
        `register` puts it behind RecBole's function, which trainers call:

        >>> from recbole_fn.hooks.patching import register
        >>> register()
        >>> boards = [recbole.utils.utils.get_tensorboard(getLogger("own")) for _ in range(2)]
        >>> len({board.log_dir for board in boards})  # even in the same second
        2
    """
    log, place = _log_of(logger), Path() if is_writable(_BOARDS) else _PLACES[0]
    if not is_writable(place / _BOARDS):
        logger.warning(f"{str(place / _BOARDS)!r} cannot be written; there is no TensorBoard log.")
        return NoBoard()
    named: Any = SimpleNamespace(handlers=[])
    if log is not None:
        named.handlers = [SimpleNamespace(baseFilename=f"{log.stem.replace('.', '_')}.log")]
    with _own_time(recbole.utils.utils, place / _BOARDS, "model"), _boards_in(place):
        return board_of_rank(original, named)


def _log_of(logger: Logger) -> Path | None:
    """The file of a logger, as RecBole looks for it."""
    files = [getattr(handler, "baseFilename", None) for handler in logger.handlers]
    return next((Path(file) for file in files if file is not None), None)


@contextmanager
def _standing_in(place: Path) -> Iterator[None]:
    """Within the context, RecBole's relative paths begin at a place."""
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _boards_in(place: Path) -> Iterator[None]:
    """Within the context, RecBole's path of a TensorBoard folder begins at a place."""
    module = recbole.utils.utils
    made = module.SummaryWriter
    module.SummaryWriter = lambda path: made(str(place / path))
    try:
        yield
    finally:
        module.SummaryWriter = made


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
