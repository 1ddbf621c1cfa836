"""How a trial goes on where it was stopped: a checkpoint after each validation."""

from pathlib import Path
from typing import Any


def save(trainer: Any, epoch: int, path: Path) -> None:
    """Saves all that the trainer needs to go on after an epoch.

    Args:
        trainer: A trainer of RecBole or of this package.
        epoch: The epoch, from 0.
        path: The file.
    """
    trainer._save_checkpoint(epoch, verbose=False, saved_model_file=str(path))


def go_on(trainer: Any, path: Path) -> bool:
    """Makes the next `fit` go on after the epoch of a checkpoint, if there is one.

    Args:
        trainer: A trainer like the one that saved it.
        path: The file.

    Returns:
        Whether there is one.
    """
    if not path.is_file():
        return False
    best = trainer.saved_model_file
    trainer.resume_checkpoint(str(path))
    trainer.saved_model_file = best  # RecBole takes the file that it reads for the one to write
    return True
