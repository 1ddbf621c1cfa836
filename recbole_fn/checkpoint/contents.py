"""What a checkpoint holds: RecBole's entries, in a form that a safe loader reads."""

import copy
import enum
from typing import Any

import torch
from recbole.config import Config
from torch import nn

from recbole_fn.checkpoint.reading import ALLOWED_CLASSES, load
from recbole_fn.checkpoint.writing import save
from recbole_fn.config.user_model import ModelName
from recbole_fn.distributed.setup import as_alone

_PLAIN = (bool, int, float, str, ModelName, torch.Tensor, torch.device)
_CONFIG_ATTRIBUTES = ("model", "dataset", "parameters", "final_config_dict")


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


def load_weights(path: str, model: Any, device: Any) -> None:
    """Gives a model the weights of a checkpoint: those that evaluation uses.

    Raises:
        InputError: if it cannot be loaded.
    """
    state = load(path, device)
    model.load_state_dict(state["state_dict"])
    model.load_other_parameter(state.get("other_parameter"))


def plain_config(config: Config) -> Config:
    """A configuration that answers as the given one does and holds plain values only."""
    plain = copy.copy(config)
    plain.__dict__ = {name: plain_value(config.__dict__[name]) for name in _CONFIG_ATTRIBUTES}
    return plain


def plain_value(value: Any) -> Any:
    """A value of a configuration, made of what a safe loader reads."""
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_value(item) for item in value)
    if isinstance(value, enum.Enum):
        return value if type(value) in ALLOWED_CLASSES else value.value
    if value is None or type(value) in _PLAIN:
        return value
    return value.item() if hasattr(value, "item") else str(value)
