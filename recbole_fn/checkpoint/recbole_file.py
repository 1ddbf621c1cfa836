"""Reads the files that RecBole's own `_save_checkpoint` writes, as safely as torch reads others.

They are pickles of protocol 4 with a whole `Config`, which torch's safe loader cannot read. Here
a name in the file stands for one of a few stand-ins, and the file's own names are never imported.
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

_PROTOCOL = b"\x80\x04"
_CONFIG_ATTRIBUTES = ("model", "dataset", "parameters", "final_config_dict")


class _StandIn:
    """Stands for a class that is named and not needed; making and filling it does nothing."""

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


def is_recbole_file(path: str | Path) -> bool:
    """Whether a file is an archive of torch with a pickle of the protocol that RecBole uses."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1 or any(name.endswith("constants.pkl") for name in archive.namelist()):
            return False
        with archive.open(pickles[0]) as file:
            return file.read(len(_PROTOCOL)) == _PROTOCOL


def read(path: str | Path, device: Any) -> Any:
    """Reads such a file.

    Args:
        path: The file.
        device: Where its tensors go.

    Returns:
        What RecBole saved, with a configuration of plain values.

    Raises:
        pickle.UnpicklingError: if the file names anything that RecBole's checkpoints do not.
        Exception: of any kind, if it is damaged.
    """
    module = SimpleNamespace(Unpickler=_Unpickler, load=None, __name__="recbole_file")
    state = torch.load(path, map_location=device, pickle_module=module, weights_only=False)
    if isinstance(state, dict) and isinstance(state.get("config"), _ConfigRead):
        state["config"] = state["config"].config()
    return state


class _ConfigRead:
    """Stands for RecBole's `Config` until it has been read."""

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
    """Gives stand-ins, made anew for each name so that a file cannot change what they stand for."""

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in of a name; called by `pickle`.

        Raises:
            pickle.UnpicklingError: if RecBole's checkpoints name no such thing.
        """
        if (module, name) in _MADE:
            make = _MADE[module, name]
            return lambda *args: make(*args)
        if (module, name) == ("recbole.config.configurator", "Config"):
            return type("ConfigRead", (_ConfigRead,), {})
        if module.startswith("recbole.model.") or (module, name) in _UNUSED:
            return type("StandIn", (_StandIn,), {})
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no checkpoint holds")


def _number(_dtype: Any, data: bytes) -> float:
    """A NumPy number of 8 bytes: RecBole's best validation score."""
    return float(struct.unpack("<d", data)[0])


_UNUSED = {("yaml.loader", "FullLoader"), ("numpy", "dtype")}
_MADE: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
    ("torch", "device"): torch.device,
    ("recbole.utils.enum_type", "ModelType"): ModelType,
    ("recbole.utils.enum_type", "InputType"): InputType,
    ("recbole.utils.enum_type", "EvaluatorType"): EvaluatorType,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
}
