"""Tells how a run differs from the one that a checkpoint was saved by."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from recbole_fn.checkpoint.contents import plain_value
from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.utils.errors import InputError

# Where and how a run runs, and how long: they change no number of an epoch.
PLACE = frozenset(
    {"device", "gpu_id", "use_gpu", "single_spec", "local_rank"}
    | {"nproc", "world_size", "ip", "port", "offset", "group_offset"}
)
HARMLESS = PLACE | {
    "epochs",
    "stopping_step",
    "fn_save_every",
    "fn_callbacks",
    "worker",
    "state",
    "show_progress",
    "verbose",
    "log_wandb",
    "wandb_project",
    "data_path",
    "checkpoint_dir",
    "save_dataset",
    "dataset_save_path",
    "save_dataloaders",
    "dataloaders_save_path",
    "config_file",
    "config_files",
    "resume",
    "init_from",
}
_FIRST = ("model", "dataset")
_TOLD = 3  # differences that are told; the others are counted


def differences(
    saved: Mapping[str, Any], ours: Mapping[str, Any], names: Iterable[str] | None = None
) -> list[str]:
    """The keys that differ and matter, in words, those of model and data set first.

    Args:
        saved: The configuration of the checkpoint.
        ours: That of this run.
        names: The keys to compare; None for all.
    """
    saved, ours = _with_defaults(saved), _with_defaults(ours)
    compared = set(names if names is not None else [*saved, *ours]) - HARMLESS
    order = [*_FIRST, *sorted(compared - set(_FIRST))]
    pairs = ((n, plain_value(saved.get(n)), plain_value(ours.get(n))) for n in order)
    return [
        f"{name} {before!r}, this run has {now!r}"
        for name, before, now in pairs
        if name in compared and before != now
    ]


def _with_defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration whose `fn_` keys are spelled out, whether a file has them or not."""
    values = {PREFIX + field.name: field.default for field in fields(FNSettings)}
    chosen = {name: value for name, value in config.items() if value is not None}
    return {**config, **values, **chosen}


def require_same(
    path: str,
    saved: Mapping[str, Any],
    ours: Mapping[str, Any],
    names: Iterable[str] | None = None,
) -> None:
    """Checks that a run may go on from a checkpoint.

    Args:
        path: The checkpoint.
        saved: Its configuration.
        ours: That of this run.
        names: The keys to compare; None for all.

    Raises:
        InputError: if keys differ that matter.
    """
    found = differences(saved, ours, names)
    if found:
        more = f"; and {len(found) - _TOLD} more keys differ" if len(found) > _TOLD else ""
        raise InputError(f"{path!r} was saved with {'; '.join(found[:_TOLD])}{more}")
