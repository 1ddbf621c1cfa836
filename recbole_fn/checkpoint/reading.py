"""Reads a checkpoint without running any code in it."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from recbole.config import Config
from recbole.utils import EvaluatorType, InputType, ModelType

from recbole_fn.checkpoint import recbole_file
from recbole_fn.config.user_model import ModelName
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Device, State

ALLOWED_CLASSES = (Config, ModelName, ModelType, InputType, EvaluatorType)


def load(path: str | Path, device: Device = "cpu") -> State:
    """Reads a checkpoint of this package or of plain RecBole.

    Classes other than `ALLOWED_CLASSES` are refused, not imported.

    Args:
        path: The file.
        device: Where its tensors go.

    Raises:
        InputError: if the file is missing, damaged, or holds a class that is not allowed.

    Examples:
        >>> load("nowhere.pth")
        Traceback (most recent call last):
        ...
        recbole_fn.utils.errors.InputError: 'nowhere.pth' cannot be loaded (...
    """
    try:
        state: State = _read(path, device)
    except Exception as error:  # a damaged pickle may fail in any way
        raise InputError(
            f"{str(path)!r} cannot be loaded ({_reason(error)}); it must be a checkpoint"
        ) from error
    _require_checkpoint(state, str(path))
    return state


@contextmanager
def allowed_classes() -> Iterator[None]:
    """Within the context, torch also loads `ALLOWED_CLASSES`.

    Examples:
        >>> with allowed_classes():
        ...     ModelType in torch.serialization.get_safe_globals()
        True
    """
    known = torch.serialization.get_safe_globals()
    with torch.serialization.safe_globals([c for c in ALLOWED_CLASSES if c not in known]):
        yield


def _read(path: str | Path, device: Device) -> State:
    if recbole_file.is_recbole_file(path):
        return recbole_file.read(path, device)
    with allowed_classes(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch warns before it refuses a file
        state: State = torch.load(path, map_location=device, weights_only=True)
    return state


def _require_checkpoint(state: object, path: str) -> None:
    if not isinstance(state, dict) or "state_dict" not in state:
        raise InputError(f"{path!r} has no state_dict; it must be a checkpoint of RecBole")
    weights = state["state_dict"]
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise InputError(
            f"{path!r} has a state_dict without weights; it must be a checkpoint of RecBole"
        )


def _reason(error: Exception) -> str:
    """The cause in one line, without torch's advice to load the file unsafely."""
    text = str(error) or type(error).__name__
    match = re.search(r"WeightsUnpickler error: *([^\n]*?)(?: was not an allowed.*)?$", text, re.M)
    return match[1] if match else text.strip().split("\n")[0]
