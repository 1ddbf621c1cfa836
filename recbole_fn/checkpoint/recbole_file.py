"""Reads the files of RecBole's own `_save_checkpoint` as safely as torch reads others.

They are pickles of protocol 4 with a complete `Config`, which torch's safe loader cannot read. The
reader here maps the names in a file to a few stand-ins; it never imports a name from the file.
"""

import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from recbole.config import Config
from recbole.utils import EvaluatorType, InputType, ModelType
from torch._utils import _rebuild_parameter, _rebuild_tensor_v2

from recbole_fn.utils.recbole_types import Device, State

_PROTOCOL = b"\x80\x04"
_CONFIG_ATTRIBUTES = ("model", "dataset", "parameters", "final_config_dict")


class _StandIn:
    """Replaces a class whose instances are not needed: it ignores its arguments and its state."""

    def __init__(self, *args: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def is_recbole_file(path: str | Path) -> bool:
    """Whether a file is a torch archive with a pickle of the protocol that RecBole uses.

    Examples:
        >>> is_recbole_file("nowhere.pth")
        False
    """
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1 or any(name.endswith("constants.pkl") for name in archive.namelist()):
            return False
        with archive.open(pickles[0]) as file:
            return file.read(len(_PROTOCOL)) == _PROTOCOL


def read(path: str | Path, device: Device) -> State:
    """Reads a file of RecBole's `_save_checkpoint`.

    Args:
        path: The file.
        device: Where its tensors go.

    Returns:
        RecBole's entries, with a configuration of plain values.

    Raises:
        pickle.UnpicklingError: if the file names a class that RecBole's checkpoints do not have.
        Exception: of any kind, if the file is damaged.

    Examples:
        `checkpoint.load` calls it for files of plain RecBole:

        >>> from recbole.trainer import Trainer
        >>> Trainer(run.config, run.model)._save_checkpoint(0, False, saved_model_file="plain.pth")
        >>> read("plain.pth", "cpu")["config"]["hidden_size"]
        16
    """
    module = SimpleNamespace(Unpickler=_Unpickler, load=None, __name__="recbole_file")
    state: State = torch.load(path, map_location=device, pickle_module=module, weights_only=False)
    if isinstance(state, dict) and isinstance(state.get("config"), _ConfigRead):
        state["config"] = state["config"].config()
    return state


class _ConfigRead:
    """Replaces RecBole's `Config` while the file is read."""

    def __init__(self) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.attributes = dict(state)

    def config(self) -> Config:
        """The configuration, with the attributes that RecBole reads."""
        config = Config.__new__(Config)
        config.__dict__.update({name: self.attributes[name] for name in _CONFIG_ATTRIBUTES})
        return config


class _Unpickler(pickle.Unpickler):
    """Resolves names to stand-ins, new ones for each name, so that a file cannot modify them."""

    def find_class(self, module: str, name: str) -> Any:
        """Resolves a name; called by `pickle`.

        Raises:
            pickle.UnpicklingError: if RecBole's checkpoints do not have the name.
        """
        if (module, name) in _MADE:
            make = _MADE[module, name]
            return lambda *args: make(*args)
        if (module, name) == ("recbole.config.configurator", "Config"):
            return type("ConfigRead", (_ConfigRead,), {})
        if module.startswith("recbole.model.") or (module, name) in _UNUSED:
            return type("StandIn", (_StandIn,), {})
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no checkpoint holds")


def _number(_dtype: object, data: bytes) -> float:
    """A NumPy number of 8 bytes: RecBole's best validation score."""
    return float(struct.unpack("<d", data)[0])


_UNUSED = {("yaml.loader", "FullLoader"), ("numpy", "dtype")}
_MADE: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    ("torch", "device"): torch.device,
    ("recbole.utils.enum_type", "ModelType"): ModelType,
    ("recbole.utils.enum_type", "InputType"): InputType,
    ("recbole.utils.enum_type", "EvaluatorType"): EvaluatorType,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
}
