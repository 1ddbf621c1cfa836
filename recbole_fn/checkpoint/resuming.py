"""Resumes a run from a checkpoint (`--resume`)."""

from logging import getLogger
from pathlib import Path

from recbole.config import Config

from recbole_fn import checkpoint
from recbole_fn.checkpoint.config_diff import HARMLESS, PLACE, require_same
from recbole_fn.config.user_model import find_user_model
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Config as AnyConfig
from recbole_fn.utils.recbole_types import Device, Keys, State


def read(path: str | Path, device: Device, config: AnyConfig) -> State:
    """Reads a checkpoint to resume from.

    Args:
        path: The checkpoint.
        device: Where its tensors go.
        config: The configuration of the run.

    Raises:
        InputError: if it cannot be loaded, is one of plain RecBole, or differs in keys that
            matter.

    Examples:
        >>> state = read(str(checkpoint.last_file(model_file)), "cpu", run.config)
        >>> state["fn"]["progress"]["started"]
        1
    """
    state = checkpoint.load(path, device)
    require_same(str(path), _saved_keys(state, str(path)), config.final_config_dict)
    return state


def _saved_keys(state: State, path: str) -> Keys:
    """The configuration of a checkpoint that can be resumed."""
    if not isinstance(state.get("fn"), dict):
        raise InputError(
            f"resume is {path!r}, a checkpoint of plain RecBole; it must be one of recbole_fn "
            f"(--init_from={path} begins a run with its weights)"
        )
    # A net: a file whose configuration lacks parts.
    with mistakes_in(f"the configuration in {path!r}"):
        return dict(state["config"].final_config_dict)


def configuration(
    model: str | type | None,
    dataset: str | None,
    config_file_list: list[str] | None,
    config_dict: Keys | None,
    resume: str | None,
) -> Config:
    """The configuration of a new run, or of one to resume.

    Args:
        model: As in `run_recbole_fn`, like the others.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.
        resume: See `model`.

    Raises:
        InputError: as `run_recbole_fn`.

    Examples:
        >>> configuration(None, None, None, {"epochs": 9}, resume=model_file)["epochs"]
        9
    """
    if resume is not None:
        return resumed_config(resume, model, dataset, config_file_list, config_dict)
    # A net: the hook of `Config` has refused what is known of keys and property files.
    with mistakes_in("the configuration"):
        return Config(model, dataset, config_file_list, config_dict)


def resumed_config(
    path: str,
    model: str | type | None = None,
    dataset: str | None = None,
    config_file_list: list[str] | None = None,
    config_dict: Keys | None = None,
) -> Config:
    """The configuration of a checkpoint; new keys may change only where and how long to run.

    Args:
        path: The checkpoint.
        model: As in `run_recbole_fn`, like the next three; None for the checkpoint's.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.

    Returns:
        The configuration to continue with.

    Raises:
        InputError: if the checkpoint cannot be resumed, or a key contradicts it.

    Examples:
        >>> resumed_config(model_file, config_dict={"epochs": 100})["epochs"]
        100
    """
    saved = _saved_keys(checkpoint.load(path), path)
    # A net: a file whose configuration lacks keys.
    with mistakes_in(f"the configuration in {path!r}"):
        name = find_user_model(model) or model or saved["model"]
        named = {"model": str(name), "dataset": dataset or saved["dataset"]}
    require_same(path, saved, named, named)
    # A net: the hook of `Config` has refused what is known of keys and property files.
    with mistakes_in("the configuration"):
        early = _chosen(saved, {"fn_enabled", "gpu_id", "use_gpu"} & set(saved))
        keys = {**early, **(config_dict or {})}  # RecBole reads these while it makes a Config
        config = Config(name, named["dataset"], config_file_list, keys)
    user_keys, ours = set(config.external_config_dict), config.final_config_dict
    require_same(path, saved, ours, user_keys)
    changed = {key for key in ours if key in PLACE or (key in HARMLESS and key in user_keys)}
    changed -= {"resume"}  # differs between processes
    config.final_config_dict = {**saved, **_chosen(ours, changed)}
    return config


def furthest(path: str | Path) -> str:
    """The file to resume from; logs it if it is not `path` but the last checkpoint of its run.

    Raises:
        InputError: for a path without a name, such as an empty one.

    Examples:
        >>> furthest("nowhere/SASRec.pth")
        'nowhere/SASRec.pth'
    """
    if not Path(path).name:
        raise InputError(f"resume is {str(path)!r}; it must be a checkpoint, as saved/X-last.pth")
    file = checkpoint.furthest_file(path)
    if file != Path(path):
        getLogger().info(f"{file} is further than {path}; the run goes on from it.")
    return str(file)


def _chosen(keys: Keys, names: set[str]) -> Keys:
    return {name: keys[name] for name in names}
