"""Installs this package's hooks in RecBole, and removes them."""

import functools
import sys
from typing import Any, NamedTuple

import recbole.data.utils
import recbole.utils
import torch
from recbole.config import Config
from recbole.data.dataset import Dataset, SequentialDataset
from recbole.trainer.hyper_tuning import HyperTuning
from recbole.trainer.trainer import AbstractTrainer, PretrainTrainer, Trainer

from recbole_fn import checkpoint
from recbole_fn.environment import compat
from recbole_fn.environment.packages import require_training_packages
from recbole_fn.environment.warning_filters import show_known_warnings, silence_known_warnings
from recbole_fn.hooks import (
    config,
    distributed,
    fast_yaml,
    look_ups,
    own_names,
    pre_split,
    read_rows,
    safe_values,
    saved_data,
    time_order,
    used_keys,
)
from recbole_fn.hooks.original import Original


class _Hook(NamedTuple):
    original: Original
    hooked: Original


def _hook(original: Original, hook: Original) -> _Hook:
    @functools.wraps(original)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        return hook(original, *args, **kwargs)

    return _Hook(original, hooked)


_FUNCTIONS = (
    _hook(recbole.utils.get_model, look_ups.get_model),
    _hook(recbole.utils.get_trainer, look_ups.get_trainer),
    _hook(recbole.data.utils.create_dataset, look_ups.create_dataset),
    _hook(recbole.data.utils.load_split_dataloaders, saved_data.load_split_dataloaders),
    _hook(recbole.data.utils.save_split_dataloaders, saved_data.save_split_dataloaders),
    _hook(recbole.data.utils.create_samplers, look_ups.create_samplers),
    _hook(recbole.data.utils.get_dataloader, look_ups.get_dataloader),
    _hook(recbole.utils.get_tensorboard, own_names.get_tensorboard),
    _hook(recbole.utils.init_logger, own_names.init_logger),
)
_METHODS = (
    (
        Config,
        _hook(Config._update_internal_config_dict, fast_yaml.update_internal_config_dict),
    ),
    (Config, _hook(Config._load_config_files, config.load_config_files)),
    (Config, _hook(Config._convert_config_dict, safe_values.convert_config_dict)),
    (Config, _hook(Config._get_model_and_dataset, config.get_model_and_dataset)),
    (Config, _hook(Config._get_final_config_dict, config.get_final_config_dict)),
    (Config, _hook(Config._set_default_parameters, config.set_default_parameters)),
    (Config, _hook(Config.__getitem__, used_keys.get_item)),
    (Config, _hook(Config.__contains__, used_keys.contains)),
    (Config, _hook(Config.__getattr__, used_keys.get_attribute)),
    (Config, _hook(Config._init_device, distributed.init_device)),
    (Dataset, _hook(Dataset.save, saved_data.save_dataset)),
    (AbstractTrainer, _hook(AbstractTrainer.__init__, distributed.init_trainer)),
    (Dataset, _hook(Dataset._load_feat, read_rows.load_feat)),
    (Dataset, _hook(Dataset._load_inter_feat, time_order.load_inter_feat)),
    (Dataset, _hook(Dataset._remove_duplication, time_order.remove_duplication)),
    (Dataset, _hook(Dataset._reset_index, time_order.reset_index)),
    (Dataset, _hook(Dataset._change_feat_format, time_order.change_feat_format)),
    (SequentialDataset, _hook(SequentialDataset.build, time_order.build)),
    (
        SequentialDataset,
        _hook(SequentialDataset._benchmark_presets, pre_split.benchmark_presets),
    ),
    (HyperTuning, _hook(HyperTuning._build_space_from_file, safe_values.require_literal_choices)),
    (Trainer, _hook(Trainer.__init__, own_names.name_checkpoint)),
    (Trainer, _hook(Trainer.fit, look_ups.fit)),
    (Trainer, _hook(Trainer.evaluate, look_ups.evaluate)),
    (Trainer, _hook(Trainer._save_checkpoint, look_ups.save_checkpoint)),
    (
        PretrainTrainer,
        _hook(PretrainTrainer.save_pretrained_model, own_names.save_pretrained_model),
    ),
)
# Config keeps the plain model class: it finds the model's YAML by it and is pickled with it.
_LEFT_ALONE = ("recbole.config.configurator",)


def register() -> None:
    """Installs the hooks in RecBole; does nothing if they are installed.

    Examples:
        >>> register()
        >>> is_registered()
        True
        >>> unregister()
    """
    if is_registered():
        return
    require_training_packages()
    _replace(dict(_FUNCTIONS))
    for owner, (original, hooked) in _METHODS:
        _set_method(owner, original, hooked)
    torch.serialization.add_safe_globals(list(checkpoint.ALLOWED_CLASSES))
    compat.restore_numpy_names()
    # RecBole's metrics read names that NumPy dropped. Making a Config restores them, but a Config
    # from a checkpoint is not made.
    Config.compatibility_settings(None)
    silence_known_warnings()


def unregister() -> None:
    """Removes the hooks: RecBole is as it was before `register`.

    Examples:
        >>> register()
        >>> unregister()
        >>> is_registered()
        False
    """
    if not is_registered():
        return
    _replace({hooked: original for original, hooked in _FUNCTIONS})
    for owner, (original, hooked) in _METHODS:
        _set_method(owner, hooked, original)
    classes = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    others = [other for other in classes if other not in checkpoint.ALLOWED_CLASSES]
    torch.serialization.add_safe_globals(others)
    show_known_warnings()


def is_registered() -> bool:
    """Whether the hooks are installed.

    Examples:
        >>> register()
        >>> is_registered()
        True
        >>> unregister()
    """
    owner, (original, hooked) = _METHODS[0]
    return getattr(owner, original.__name__) is hooked


def _replace(functions: dict[Original, Original]) -> None:
    """Replaces functions in every module of RecBole that has imported them by their names."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("recbole.") or name in _LEFT_ALONE:
            continue
        for old, new in functions.items():
            if vars(module).get(old.__name__) is old:
                setattr(module, old.__name__, new)


def _set_method(owner: type, old: Original, new: Original) -> None:
    is_static = isinstance(vars(owner)[old.__name__], staticmethod)
    setattr(owner, old.__name__, staticmethod(new) if is_static else new)
