"""Begins a run where another one stopped (`--resume`), or with its weights (`--init_from`)."""

from logging import getLogger
from pathlib import Path
from typing import Any

from recbole.config import Config

from recbole_fn import checkpoint
from recbole_fn.checkpoint.config_diff import HARMLESS, PLACE, require_same
from recbole_fn.config.user_model import find_user_model
from recbole_fn.data.fingerprint import vocabulary
from recbole_fn.utils.errors import InputError, mistakes_in


def read(path: Any, device: Any, config: Config) -> dict[str, Any]:
    """Reads a checkpoint to go on from.

    Args:
        path: The checkpoint.
        device: Where its tensors go.
        config: The configuration of the run.

    Raises:
        InputError: if it cannot be loaded, is one of plain RecBole, or has other keys that
            matter.
    """
    state = checkpoint.load(path, device)
    require_same(str(path), _saved_keys(state, str(path)), config.final_config_dict)
    return state


def _saved_keys(state: dict[str, Any], path: str) -> dict[str, Any]:
    """The configuration of a checkpoint that can be resumed."""
    if not isinstance(state.get("fn"), dict):
        raise InputError(
            f"{path!r} is a checkpoint without false-negative state, as of plain RecBole: it "
            f"cannot be resumed; --init_from={path} begins a run with its weights"
        )
    with mistakes_in(f"the configuration in {path!r}"):
        return dict(state["config"].final_config_dict)


def configuration(
    model: Any,
    dataset: str | None,
    config_file_list: list[str] | None,
    config_dict: dict[str, Any] | None,
    resume: str | None,
) -> Config:
    """The configuration of a run, or of one to go on with.

    Args:
        model: As in `run_recbole_fn`, like the others.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.
        resume: See `model`.

    Raises:
        InputError: as `run_recbole_fn`.
    """
    if resume is not None:
        return resumed_config(resume, model, dataset, config_file_list, config_dict)
    with mistakes_in("the configuration"):
        return Config(model, dataset, config_file_list, config_dict)


def resumed_config(
    path: str,
    model: Any = None,
    dataset: str | None = None,
    config_file_list: list[str] | None = None,
    config_dict: dict[str, Any] | None = None,
) -> Config:
    """The configuration of a checkpoint, with what was given that only says where to run.

    Args:
        path: The checkpoint.
        model: As in `run_recbole_fn`, like the next three; None for the checkpoint's.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.

    Returns:
        The configuration to go on with.

    Raises:
        InputError: if the checkpoint cannot be resumed, or a given key contradicts it.
    """
    saved = _saved_keys(checkpoint.load(path), path)
    with mistakes_in(f"the configuration in {path!r}"):
        name = find_user_model(model) or model or saved["model"]
        named = {"model": str(name), "dataset": dataset or saved["dataset"]}
    require_same(path, saved, named, named)
    with mistakes_in("the configuration"):
        kept = _chosen(saved, {"fn_enabled", "gpu_id", "use_gpu"} & set(saved))
        keys = {**kept, **(config_dict or {})}
        config = Config(name, named["dataset"], config_file_list, keys)
    given, ours = set(config.external_config_dict), config.final_config_dict
    require_same(path, saved, ours, given)
    taken = {key for key in ours if key in PLACE or (key in HARMLESS and key in given)}
    taken -= {"resume"}  # each process's own
    config.final_config_dict = {**saved, **_chosen(ours, taken)}
    return config


def begin_with_weights(run: Any, path: str) -> None:
    """Gives a new run's model the weights of a checkpoint; all else begins afresh.

    Args:
        run: The `Experiment`.
        path: A checkpoint of this package or of plain RecBole.

    Raises:
        InputError: if it is of another model, data set or catalogue.
    """
    state = checkpoint.load(path)
    with mistakes_in(f"checkpoint {path!r}"):
        saved = state["config"].final_config_dict
        for key in ("model", "dataset"):
            if saved[key] != run.config[key]:
                raise InputError(
                    f"{path!r} has weights of {key} {saved[key]!r}, this run has "
                    f"{run.config[key]!r}"
                )
        _require_same_items(state, run, path)
        _require_same_shapes(state["state_dict"], run.model.state_dict(), path)
        run.model.load_state_dict(state["state_dict"])
        run.model.load_other_parameter(state.get("other_parameter"))
    getLogger().info(f"The model begins with the weights of {path}.")


def furthest(path: Any) -> str:
    """The file to go on from, which is logged where it is not the given one."""
    found = checkpoint.furthest_file(path)
    if found != Path(path):
        getLogger().info(f"{found} is further than {path}; the run goes on from it.")
    return str(found)


def _require_same_items(state: dict[str, Any], run: Any, path: str) -> None:
    """Plain RecBole keeps no list of items, so its checkpoints are told by their shapes alone."""
    saved = state.get("fn", {}).get("training_set", {}).get("items_hash")
    if saved not in (None, vocabulary(run.dataset)):
        raise InputError(f"{path!r} was trained on other items, or they had other ids")


def _require_same_shapes(saved: dict[str, Any], ours: dict[str, Any], path: str) -> None:
    for name in [*ours, *(name for name in saved if name not in ours)]:
        before, now = (list(w[name].shape) if name in w else None for w in (saved, ours))
        if before != now:
            raise InputError(
                f"{path!r} has weights {name} of shape {before}, this run's model has {now}"
            )


def _chosen(keys: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: keys[name] for name in names}
