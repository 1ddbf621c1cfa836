"""Puts this package behind RecBole's own look-ups, and takes it away again.

Each hook gets RecBole's answer as `original` and returns it unchanged unless the configuration
switches false-negative training on.
"""

import functools
import sys
from collections.abc import Callable
from logging import getLogger
from typing import Any, NamedTuple

import recbole.data.utils
import recbole.utils
import torch
from recbole.config import Config
from recbole.data.dataloader import FullSortEvalDataLoader, TrainDataLoader
from recbole.data.dataset import SequentialDataset
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.trainer.hyper_tuning import HyperTuning
from recbole.trainer.trainer import AbstractTrainer, PretrainTrainer, Trainer
from recbole.utils import ModelType

from recbole_fn import checkpoint, compat, config, literals
from recbole_fn.data.eval_candidates import CandidateSampler, candidate_loader
from recbole_fn.data.files import require_dataset
from recbole_fn.data.full_ranking import FNFullSortEvalDataLoader
from recbole_fn.data.loading import FNTrainDataLoader
from recbole_fn.data.prefixes import FNSequentialDataset
from recbole_fn.data.sampler import FNSampler
from recbole_fn.distributed import setup
from recbole_fn.model.recommender import FNRecommender
from recbole_fn.settings import FNSettings
from recbole_fn.subclassing import subclass_of
from recbole_fn.trainer import FNTrainer
from recbole_fn.user_model import find_user_model
from recbole_fn.user_trainer import trainer_class

Original = Callable[..., Any]


def _settings(config: Any) -> FNSettings:
    return FNSettings.from_config(config.final_config_dict)


def get_model(original: Original, model_name: str) -> type:
    """A subclass of the user's model class, or of the one that RecBole finds by its name."""
    own = find_user_model(model_name)
    found: type = original(model_name) if own is None else own.model_class()
    is_sequential = issubclass(found, SequentialRecommender)
    return subclass_of(FNRecommender, found) if is_sequential else found


def get_trainer(original: Original, model_type: ModelType, model_name: str) -> type:
    """A subclass of the trainer that a user's model asks for, or that RecBole uses."""
    own = find_user_model(model_name)
    asked = None if own is None else trainer_class(own.model_class())
    found: type = asked or original(model_type, model_name)
    return subclass_of(FNTrainer, found) if model_type == ModelType.SEQUENTIAL else found


def create_dataset(original: Original, config: Any) -> Any:
    """RecBole's data set, after a look at its files; a sequential one keeps histories once.

    A model's own loss gets RecBole's: FEARec's reads whole columns of it in each step.
    """
    if not _settings(config).enabled:
        if config["fn_enabled"]:
            getLogger().info("train_stage is pretrain, and RecBole's own: extraction is off in it.")
        return original(config)
    require_dataset(config)
    dataset = original(config)
    own_loss = _settings(config).loss == "model"
    if type(dataset) is SequentialDataset and not own_loss:
        # RecBole chooses the class by the model's name. Rows are made later, in `build`.
        dataset.__class__ = FNSequentialDataset
    return dataset


def create_samplers(original: Original, config: Any, dataset: Any, built_datasets: Any) -> Any:
    """Our sampler for training; RecBole's for validation and test, or one of candidates."""
    train, *others = original(config, dataset, built_datasets)
    settings = _settings(config)
    if settings.enabled:
        train = FNSampler(config, built_datasets[0])
    if settings.eval_candidates is not None:
        others = [CandidateSampler(built_datasets, settings.eval_candidates)] * 2
    return (train, *others)


def get_dataloader(original: Original, config: Any, phase: str) -> Any:
    """RecBole's loaders with row ids: of training, and of full ranking in smaller batches."""
    found = original(config, phase)
    if phase != "train" and _settings(config).eval_candidates is not None:
        return candidate_loader(config, found)  # for plain RecBole too, so that both compare
    return _LOADERS.get(found, found) if _settings(config).enabled else found


def save_checkpoint(original: Original, trainer: Any, *args: Any, **kwargs: Any) -> None:
    """RecBole's checkpoint in a form that torch 2.6 and newer can load; see `checkpoint`."""
    # Here and not in a method of FNTrainer, so that a user's own `_save_checkpoint` still runs.
    if isinstance(trainer, FNTrainer):
        trainer.save_with_extraction(*args, **kwargs)
    else:
        checkpoint.save_trainer(trainer, *args, **kwargs)


def save_pretrained_model(
    original: Original, trainer: Any, epoch: int, saved_model_file: str
) -> None:
    """The checkpoint of a pretraining, in the same form; finetuning reads it with `torch.load`."""
    checkpoint.save_trainer(trainer, epoch, verbose=False, saved_model_file=saved_model_file)
    trainer.saved_model_file = saved_model_file


_LOADERS = {
    TrainDataLoader: FNTrainDataLoader,
    FullSortEvalDataLoader: FNFullSortEvalDataLoader,
}


class _Hook(NamedTuple):
    original: Original
    hooked: Original


def _hook(original: Original, hook: Original) -> _Hook:
    @functools.wraps(original)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        return hook(original, *args, **kwargs)

    return _Hook(original, hooked)


_FUNCTIONS = (
    _hook(recbole.utils.get_model, get_model),
    _hook(recbole.utils.get_trainer, get_trainer),
    _hook(recbole.data.utils.create_dataset, create_dataset),
    _hook(recbole.data.utils.create_samplers, create_samplers),
    _hook(recbole.data.utils.get_dataloader, get_dataloader),
    _hook(recbole.utils.get_tensorboard, setup.get_tensorboard),
)
_METHODS = (
    (Config, _hook(Config._load_config_files, config.load_config_files)),
    (Config, _hook(Config._convert_config_dict, literals.convert_config_dict)),
    (Config, _hook(Config._get_model_and_dataset, config.get_model_and_dataset)),
    (Config, _hook(Config._get_final_config_dict, config.get_final_config_dict)),
    (Config, _hook(Config._init_device, setup.init_device)),
    (AbstractTrainer, _hook(AbstractTrainer.__init__, setup.init_trainer)),
    (HyperTuning, _hook(HyperTuning._build_space_from_file, literals.require_literal_choices)),
    (Trainer, _hook(Trainer._save_checkpoint, save_checkpoint)),
    (PretrainTrainer, _hook(PretrainTrainer.save_pretrained_model, save_pretrained_model)),
)
# Config keeps the plain model class: it finds the model's YAML by it and is pickled with it.
_LEFT_ALONE = ("recbole.config.configurator",)


def register() -> None:
    """Puts the package behind RecBole's look-ups. Calling it again changes nothing."""
    if is_registered():
        return
    for original, hooked in _FUNCTIONS:
        _replace(original, hooked)
    for owner, (original, hooked) in _METHODS:
        _set_method(owner, original, hooked)
    torch.serialization.add_safe_globals(list(checkpoint.ALLOWED_CLASSES))
    compat.restore_numpy_names()
    # RecBole's metrics read names that NumPy dropped. Making a Config puts them back, but one out
    # of a checkpoint is not made.
    Config.compatibility_settings(None)


def unregister() -> None:
    """Undoes `register`: RecBole is again as it was."""
    if not is_registered():
        return
    for original, hooked in _FUNCTIONS:
        _replace(hooked, original)
    for owner, (original, hooked) in _METHODS:
        _set_method(owner, hooked, original)
    allowed = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    others = [found for found in allowed if found not in checkpoint.ALLOWED_CLASSES]
    torch.serialization.add_safe_globals(others)


def is_registered() -> bool:
    """Whether the package is behind RecBole's look-ups."""
    owner, (original, hooked) = _METHODS[0]
    return getattr(owner, original.__name__) is hooked


def _replace(old: Original, new: Original) -> None:
    """Replaces a function under its name in every module of RecBole that has imported it."""
    for name, module in list(sys.modules.items()):
        is_recboles = name.split(".")[0] == "recbole" and name not in _LEFT_ALONE
        if is_recboles and vars(module).get(old.__name__) is old:
            setattr(module, old.__name__, new)


def _set_method(owner: type, old: Original, new: Original) -> None:
    is_static = isinstance(vars(owner)[old.__name__], staticmethod)
    setattr(owner, old.__name__, staticmethod(new) if is_static else new)
