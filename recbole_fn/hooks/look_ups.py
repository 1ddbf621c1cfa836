"""This package's answers to RecBole's look-ups: of models, trainers, data, and what is saved.

Each gets RecBole's own function as `original` and returns its answer unchanged unless the
configuration switches false-negative training on; `registry` puts them in place.
"""

from collections.abc import Callable
from logging import getLogger
from typing import Any

from recbole.data.dataloader import FullSortEvalDataLoader, TrainDataLoader
from recbole.data.dataset import SequentialDataset
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.utils import ModelType

from recbole_fn import checkpoint
from recbole_fn.config.settings import FNSettings
from recbole_fn.config.switch import subclass_of
from recbole_fn.config.user_model import find_user_model
from recbole_fn.config.user_trainer import trainer_class
from recbole_fn.data.file_checks import require_dataset
from recbole_fn.data.loaders import FNTrainDataLoader
from recbole_fn.data.prefixes import FNSequentialDataset
from recbole_fn.evaluation.filters import filtering_loader, filters_items, item_filters
from recbole_fn.evaluation.full_ranking import FNFullSortEvalDataLoader
from recbole_fn.models.recommender import FNRecommender
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import InputError

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
    settings = _settings(config)
    if not settings.enabled:
        if config["fn_enabled"]:
            getLogger().info("train_stage is pretrain, and RecBole's own: extraction is off in it.")
        return original(config)
    require_dataset(config)
    dataset = original(config)
    if type(dataset) is SequentialDataset and not settings.uses_model_loss:
        # RecBole chooses the class by the model's name. Rows are made later, in `build`.
        dataset.__class__ = FNSequentialDataset
    return dataset


def create_samplers(original: Original, config: Any, dataset: Any, built_datasets: Any) -> Any:
    """Our sampler for training; for validation and test RecBole's, or a filter of items."""
    train, *others = original(config, dataset, built_datasets)
    settings = _settings(config)
    if settings.enabled:
        train = FNSampler(config, built_datasets[0])
    if filters_items(settings):
        others = item_filters(settings, built_datasets)
    return (train, *others)


def get_dataloader(original: Original, config: Any, phase: str) -> Any:
    """RecBole's loaders with row ids: of training, and of full ranking in smaller batches."""
    found = original(config, phase)
    if phase != "train" and filters_items(_settings(config)):
        return filtering_loader(config, found)  # for plain RecBole too, so that both compare
    return _LOADERS.get(found, found) if _settings(config).enabled else found


def fit(original: Original, trainer: Any, *args: Any, **kwargs: Any) -> Any:
    """Refuses to train without extraction although the configuration asks for it.

    A trainer of RecBole's own class is one that a script has made by itself, or has looked up by
    a function that it had imported before `register`. It may evaluate.

    Raises:
        InputError: if it is not this package's trainer.
    """
    is_ours = isinstance(trainer, FNTrainer)
    is_sequential = trainer.config["MODEL_TYPE"] == ModelType.SEQUENTIAL
    if is_sequential and not is_ours and _settings(trainer.config).enabled:
        raise InputError(
            f"fn_enabled is True, but trainer {type(trainer).__name__} is RecBole's own and would "
            f"train without extraction; must be made by recbole.utils.get_trainer(MODEL_TYPE, "
            f"model)(config, model), imported after recbole_fn.register()"
        )
    return original(trainer, *args, **kwargs)


def save_checkpoint(original: Original, trainer: Any, *args: Any, **kwargs: Any) -> None:
    """RecBole's checkpoint in a form that torch 2.6 and newer can load; see `checkpoint`."""
    # Here and not in a method of FNTrainer, so that a user's own `_save_checkpoint` still runs.
    if isinstance(trainer, FNTrainer):
        trainer.fn_checkpoint.save(*args, **kwargs)
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
