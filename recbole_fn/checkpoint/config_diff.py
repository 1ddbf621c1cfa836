"""Compares the configuration of a run with that of a checkpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from recbole_fn.checkpoint.contents import plain_value
from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.utils.errors import InputError

# Keys that do not change the numbers of an epoch: where and how a run is executed, and how long.
PLACE = frozenset(
    {"device", "gpu_id", "use_gpu", "single_spec", "local_rank"}
    | {"nproc", "world_size", "ip", "port", "offset", "group_offset"}
)
HARMLESS = PLACE | {
    "epochs",
    "stopping_step",
    "fn_patience",
    "fn_log_style",
    "fn_save_every",
    "fn_callbacks",
    "fn_strict_keys",
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
_MAX_SHOWN = 3  # differences in a message; the others are counted


def differences(
    saved: Mapping[str, object], ours: Mapping[str, object], names: Iterable[str] | None = None
) -> list[str]:
    """Describes the keys that differ and matter, model and data set first.

    Args:
        saved: The configuration of the checkpoint.
        ours: The configuration of this run.
        names: The keys to compare; None for all.

    Examples:
        >>> differences({"hidden_size": 64, "epochs": 5}, {"hidden_size": 32, "epochs": 9})
        ['hidden_size 64, this run has 32']
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


def _with_defaults(config: Mapping[str, object]) -> dict[str, object]:
    """A configuration with the default of every `fn_` key that is missing."""
    values = {PREFIX + field.name: field.default for field in fields(FNSettings)}
    chosen = {name: value for name, value in config.items() if value is not None}
    return {**config, **values, **chosen}


def require_same(
    path: str,
    saved: Mapping[str, object],
    ours: Mapping[str, object],
    names: Iterable[str] | None = None,
) -> None:
    """Checks that a run can continue from a checkpoint.

    Args:
        path: The checkpoint.
        saved: Its configuration.
        ours: The configuration of this run.
        names: The keys to compare; None for all.

    Raises:
        InputError: if keys that matter differ.

    Examples:
        >>> require_same("saved/X.pth", {"epochs": 5}, {"epochs": 9})
    """
    changes = differences(saved, ours, names)
    if changes:
        hidden = len(changes) - _MAX_SHOWN
        more = f"; and {hidden} more keys differ" if hidden > 0 else ""
        shown = "; ".join(changes[:_MAX_SHOWN])
        raise InputError(f"{path!r} was saved with {shown}{more}; they must be the same")
