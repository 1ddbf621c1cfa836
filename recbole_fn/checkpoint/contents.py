"""The entries of RecBole's checkpoints, in a form that a safe loader reads."""

import copy
import enum
from pathlib import Path
from typing import Any

import torch
from recbole.config import Config
from torch import nn

from recbole_fn.checkpoint.reading import ALLOWED_CLASSES, load
from recbole_fn.checkpoint.writing import save
from recbole_fn.config.user_model import ModelName
from recbole_fn.distributed.setup import as_alone
from recbole_fn.utils.claims import release
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Device, Model, State
from recbole_fn.utils.trainer_type import Trainer

_PLAIN = (bool, int, float, str, ModelName, torch.Tensor, torch.device)
_CONFIG_ATTRIBUTES = ("model", "dataset", "parameters", "final_config_dict")


def recbole_state(trainer: Trainer, epoch: int) -> State:
    """The entries of RecBole's own checkpoint, in a form that a safe loader reads.

    Args:
        trainer: A trainer of RecBole.
        epoch: The last epoch trained, from 0.

    Examples:
        >>> sorted(recbole_state(run.trainer, epoch=2))
        ['best_valid_score', 'config', 'cur_step', 'epoch', 'optimizer', 'other_parameter',
         'state_dict']
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


def _without_modules(parameters: State) -> State:
    """Leaves out modules of the model (feature embeddings): `state_dict` holds their weights."""
    return {name: value for name, value in parameters.items() if not isinstance(value, nn.Module)}


def save_trainer(
    trainer: Trainer,
    epoch: int,
    verbose: bool = True,
    extra: State | None = None,
    **kwargs: str | Path,
) -> None:
    """Saves a trainer's checkpoint, with the arguments of `Trainer._save_checkpoint`.

    Args:
        trainer: A trainer of RecBole.
        epoch: The last epoch trained, from 0.
        verbose: Whether to log the file's name.
        extra: Entries beside RecBole's.
        **kwargs: `saved_model_file`, the file; the trainer's `saved_model_file` by default.

    Examples:
        >>> save_trainer(run.trainer, epoch=2, saved_model_file=folder / "other.pth")
        >>> load(folder / "other.pth")["epoch"]
        2
    """
    if not trainer.config["single_spec"] and trainer.config["local_rank"] != 0:
        return
    path = kwargs.get("saved_model_file", trainer.saved_model_file)
    save({**recbole_state(trainer, epoch), **(extra or {})}, path)
    release(Path(trainer.saved_model_file))  # the file has the name now
    if verbose:
        trainer.logger.info(f"Saving current: {path}", extra=DETAIL)


def load_weights(path: str, model: Model, device: Device) -> None:
    """Loads the weights of a checkpoint into a model: those that evaluation uses.

    Raises:
        InputError: if the checkpoint cannot be loaded.

    Examples:
        >>> load_weights(model_file, new_run.model, "cpu")
        >>> new_run.model.item_embedding.weight.equal(loaded.model.item_embedding.weight)
        True
    """
    state = load(path, device)
    model.load_state_dict(state["state_dict"])
    model.load_other_parameter(state.get("other_parameter"))


def plain_config(config: Config) -> Config:
    """A copy of a configuration with plain values only, which answers like the original.

    Examples:
        >>> config = Config.__new__(Config)
        >>> config.model, config.dataset, config.parameters = "SASRec", "tiny", {}
        >>> config.final_config_dict = {"data_path": Path("dataset")}
        >>> plain_config(config).final_config_dict
        {'data_path': 'dataset'}
    """
    plain = copy.copy(config)
    plain.__dict__ = {name: plain_value(config.__dict__[name]) for name in _CONFIG_ATTRIBUTES}
    return plain


def plain_value(value: Any) -> Any:
    """Converts a value of a configuration to types that a safe loader reads.

    Examples:
        >>> from pathlib import PurePosixPath
        >>> plain_value({"topk": (5, 10), "data_path": PurePosixPath("dataset/tiny")})
        {'topk': (5, 10), 'data_path': 'dataset/tiny'}
    """
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain_value(item) for item in value)
    if isinstance(value, enum.Enum):
        return value if type(value) in ALLOWED_CLASSES else value.value
    if value is None or type(value) in _PLAIN:
        return value
    return value.item() if hasattr(value, "item") else str(value)
