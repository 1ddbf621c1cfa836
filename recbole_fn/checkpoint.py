"""Checkpoints: written whole or not at all, and read without running anything they contain."""

import copy
import enum
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Union

import torch
from recbole.config import Config
from recbole.utils import EvaluatorType, InputType, ModelType
from torch import nn

from recbole_fn.distributed.setup import as_alone
from recbole_fn.errors import InputError
from recbole_fn.user_model import ModelName

ALLOWED_CLASSES = (Config, ModelName, ModelType, InputType, EvaluatorType)
_PLAIN = (bool, int, float, str, ModelName, torch.Tensor, torch.device)
_CONFIG_ATTRIBUTES = ("model", "dataset", "parameters", "final_config_dict")


def save(state: dict[str, Any], path: Union[str, Path]) -> None:
    """Writes a checkpoint beside its place and moves it there when it is complete.

    Args:
        state: What to save: tensors, plain values and a RecBole configuration.
        path: The file.

    Raises:
        InputError: if it cannot be written; what was there before is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        raise InputError(f"the checkpoint {str(path)!r} cannot be written: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Union[str, Path], device: Any = "cpu") -> dict[str, Any]:
    """Reads a checkpoint; classes other than `ALLOWED_CLASSES` are refused, not imported.

    Args:
        path: The file.
        device: Where its tensors go.

    Raises:
        InputError: if the file is missing, damaged, or holds anything that is not allowed.
    """
    try:
        with allowed_classes():
            state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # a damaged pickle may fail in any way
        raise InputError(f"{str(path)!r} cannot be loaded: {_reason(error)}") from error
    if not isinstance(state, dict) or "state_dict" not in state:
        raise InputError(f"{str(path)!r} is no checkpoint of RecBole: it has no state_dict")
    return state


@contextmanager
def allowed_classes() -> Iterator[None]:
    """Within the context, torch loads `ALLOWED_CLASSES`; those allowed before stay allowed."""
    known = torch.serialization.get_safe_globals()
    with torch.serialization.safe_globals([c for c in ALLOWED_CLASSES if c not in known]):
        yield


def _reason(error: Exception) -> str:
    """The cause in one line, without torch's advice to load the file unsafely."""
    text = str(error) or type(error).__name__
    found = re.search(r"WeightsUnpickler error: *([^\n]*?)(?: was not an allowed.*)?$", text, re.M)
    return found[1] if found else text.strip().split("\n")[0]


def recbole_state(trainer: Any, epoch: int) -> dict[str, Any]:
    """The entries of RecBole's own checkpoint, in a form that a safe loader reads.

    Args:
        trainer: A trainer of RecBole.
        epoch: The last epoch trained, from 0.
    """
    return {
        "config": plain_config(as_alone(trainer.config)),
        "epoch": epoch,
        "cur_step": trainer.cur_step,
        "best_valid_score": float(trainer.best_valid_score),
        "state_dict": trainer.model.state_dict(),
        "other_parameter": _without_modules(trainer.model.other_parameter()),
        "optimizer": trainer.optimizer.state_dict(),
    }


def _without_modules(parameters: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what is a module of the model (feature embeddings): `state_dict` holds it."""
    return {name: value for name, value in parameters.items() if not isinstance(value, nn.Module)}


def save_trainer(
    trainer: Any, epoch: int, verbose: bool = True, extra: Any = None, **kwargs: Any
) -> None:
    """Saves a trainer's checkpoint; takes what `Trainer._save_checkpoint` takes.

    Args:
        trainer: A trainer of RecBole.
        epoch: The last epoch trained, from 0.
        verbose: Whether to log the file's name.
        extra: Entries beside RecBole's.
        **kwargs: `saved_model_file`, another file than the trainer's own.
    """
    if not trainer.config["single_spec"] and trainer.config["local_rank"] != 0:
        return
    path = kwargs.get("saved_model_file", trainer.saved_model_file)
    save({**recbole_state(trainer, epoch), **(extra or {})}, path)
    if verbose:
        trainer.logger.info(f"Saving current: {path}")


def plain_config(config: Config) -> Config:
    """A configuration that answers as the given one does and holds plain values only."""
    plain = copy.copy(config)
    plain.__dict__ = {name: _plain(config.__dict__[name]) for name in _CONFIG_ATTRIBUTES}
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, enum.Enum):
        return value if type(value) in ALLOWED_CLASSES else value.value
    if value is None or type(value) in _PLAIN:
        return value
    return value.item() if hasattr(value, "item") else str(value)
