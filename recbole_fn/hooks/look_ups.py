"""Hooks of RecBole's look-ups: models, trainers, data, and checkpoints.

Each hook gets RecBole's function as `original` and returns its result unchanged unless the
configuration enables false-negative training; `patching` installs the hooks.
"""

from logging import getLogger
from typing import Any

from recbole.data.dataloader import FullSortEvalDataLoader, TrainDataLoader
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.utils import ModelType

from recbole_fn import checkpoint
from recbole_fn.config.settings import FNSettings
from recbole_fn.config.switch import subclass_of
from recbole_fn.config.user_model import find_user_model
from recbole_fn.config.user_trainer import trainer_class
from recbole_fn.data.loaders import FNTrainDataLoader
from recbole_fn.data.usable import require_usable
from recbole_fn.evaluation.feedback import feedback_metrics
from recbole_fn.evaluation.filters import filtering_loader, filters_items
from recbole_fn.evaluation.full_ranking import FNFullSortEvalDataLoader
from recbole_fn.evaluation.rankings import rankings
from recbole_fn.evaluation.several import several_rankings
from recbole_fn.hooks import saved_data
from recbole_fn.hooks.kinds import make_rows_of_kinds
from recbole_fn.hooks.original import Original
from recbole_fn.hooks.used_keys import warn_of_unread_keys
from recbole_fn.models.recommender import FNRecommender
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset, Loader
from recbole_fn.utils.trainer_type import Trainer


def _settings(config: Config) -> FNSettings:
    return FNSettings.from_config(config.final_config_dict)


def get_model(original: Original, model_name: str) -> type:
    """Hook of `get_model`: a subclass of the user's model class, or of RecBole's.

    Examples:
        >>> from recbole.model.general_recommender import BPR
        >>> get_model(lambda name: BPR, "BPR") is BPR  # not sequential
        True
    """
    user_model = find_user_model(model_name)
    plain: type = original(model_name) if user_model is None else user_model.model_class()
    is_sequential = issubclass(plain, SequentialRecommender)
    return subclass_of(FNRecommender, plain) if is_sequential else plain


def get_trainer(original: Original, model_type: ModelType, model_name: str) -> type:
    """Hook of `get_trainer`: a subclass of the `trainer_class` of a user's model, or of RecBole's.

    Examples:
        >>> from recbole.trainer import Trainer as Plain
        >>> trainer = get_trainer(lambda *names: Plain, ModelType.SEQUENTIAL, "SASRec")
        >>> trainer.__name__, issubclass(trainer, FNTrainer), issubclass(trainer, Plain)
        ('Trainer', True, True)
    """
    user_model = find_user_model(model_name)
    of_user = None if user_model is None else trainer_class(user_model.model_class())
    plain: type = of_user or original(model_type, model_name)
    return subclass_of(FNTrainer, plain) if model_type == ModelType.SEQUENTIAL else plain


def create_dataset(original: Original, config: Config) -> Dataset:
    """Hook of `create_dataset`: checks the files; a sequential data set stores histories once.

    A model's own loss gets RecBole's data set: that of FEARec reads complete columns in each step.

    Examples:
        `register` puts it behind RecBole's function:

        >>> import recbole.data
        >>> type(recbole.data.create_dataset(config)).__name__
        'FNSequentialDataset'
    """
    settings = _settings(config)
    if not settings.enabled:
        if config["fn_enabled"]:
            getLogger().info("train_stage is pretrain, and RecBole's own: extraction is off in it.")
        return saved_data.create_dataset(original, config)
    require_usable(config)
    dataset = saved_data.create_dataset(original, config)
    make_rows_of_kinds(dataset, config)
    return dataset


def create_samplers(
    original: Original, config: Config, dataset: Dataset, built_datasets: list[Dataset]
) -> tuple[object, ...]:
    """Hook of `create_samplers`: our sampler for training, item filters for validation and test.

    Examples:
        `register` puts it behind RecBole's function:

        >>> from recbole.data import utils
        >>> parts = [run.train_data.dataset, run.valid_data.dataset, run.test_data.dataset]
        >>> type(utils.create_samplers(config, run.dataset, parts)[0]).__name__
        'FNSampler'
    """
    train, *others = original(config, dataset, built_datasets)
    settings = _settings(config)
    if settings.enabled:
        train = FNSampler(config, built_datasets[0], built_datasets[1:])
    if filters_items(settings):
        others = rankings(settings.main_ranking, settings.also_rankings, built_datasets)
    return (train, *others)


def get_dataloader(original: Original, config: Config, phase: str) -> type:
    """Hook of `get_dataloader`: a training loader with row ids, and one for full ranking.

    Examples:
        `register` puts it behind RecBole's function:

        >>> from recbole.data import utils
        >>> utils.get_dataloader(config, "train").__name__
        'FNTrainDataLoader'
    """
    loader_class: type = original(config, phase)
    if phase != "train" and filters_items(_settings(config)):
        # For plain RecBole too, so that both are comparable.
        return filtering_loader(config, loader_class)
    return _LOADERS.get(loader_class, loader_class) if _settings(config).enabled else loader_class


def fit(
    original: Original, trainer: Trainer, *args: object, **kwargs: object
) -> tuple[float, dict[str, float]]:
    """Hook of `Trainer.fit`: refuses a trainer of plain RecBole although `fn_enabled` is True.

    Raises:
        InputError: if the trainer is not an `FNTrainer`: if a script made it itself, or got it from
            a `get_trainer` imported before `register`. Such a trainer may evaluate.

    Examples:
        `register` puts it behind `Trainer.fit`:

        >>> import recbole.trainer
        >>> recbole.trainer.Trainer(config, run.model).fit(run.train_data)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_enabled is True, but trainer Trainer is RecBole's own
        and would train without extraction; it must be made by recbole.utils.get_trainer(...
    """
    is_ours = isinstance(trainer, FNTrainer)
    is_sequential = trainer.config["MODEL_TYPE"] == ModelType.SEQUENTIAL
    if is_sequential and not is_ours and _settings(trainer.config).enabled:
        raise InputError(
            f"fn_enabled is True, but trainer {type(trainer).__name__} is RecBole's own and would "
            f"train without extraction; it must be made by recbole.utils.get_trainer(MODEL_TYPE, "
            f"model)(config, model), imported after recbole_fn.register()"
        )
    fitted: tuple[float, dict[str, float]] = original(trainer, *args, **kwargs)
    warn_of_unread_keys(trainer.config)
    return fitted


def evaluate(
    original: Original, trainer: Trainer, eval_data: Loader, *args: object, **kwargs: object
) -> dict[str, float] | None:
    """Hook of `Trainer.evaluate`: also evaluates `fn_eval_also`, and disliked items.

    Examples:
        >>> evaluate(lambda trainer, eval_data: {"ndcg@10": 0.1}, trainer=None, eval_data=None)
        {'ndcg@10': 0.1}
    """
    # In this order: disliked items have ranks in the main ranking, without what it leaves out.
    with feedback_metrics(trainer, eval_data), several_rankings(trainer, eval_data):
        metrics: dict[str, float] | None = original(trainer, eval_data, *args, **kwargs)
    return metrics


def save_checkpoint(original: Original, trainer: Trainer, *args: Any, **kwargs: Any) -> None:
    """Hook of `Trainer._save_checkpoint`: writes a file that torch 2.6 and newer can load.

    Examples:
        `register` puts it behind RecBole's method, which `fit` calls at a better epoch:

        >>> run.trainer._save_checkpoint(2, saved_model_file="own.pth", verbose=False)
        >>> checkpoint.load("own.pth")["epoch"]
        2
    """
    # A hook and not a method of FNTrainer, so that a user's own `_save_checkpoint` still runs.
    if isinstance(trainer, FNTrainer):
        trainer.fn_checkpoint.save(*args, **kwargs)
    else:
        checkpoint.save_trainer(trainer, *args, **kwargs)


_LOADERS = {
    TrainDataLoader: FNTrainDataLoader,
    FullSortEvalDataLoader: FNFullSortEvalDataLoader,
}
