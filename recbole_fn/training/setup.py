"""Inspects a model and its data before training, and assembles the parts that suit them."""

from logging import getLogger

import torch
from recbole.data.interaction import Interaction
from torch.nn.modules.batchnorm import _BatchNorm

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.batching import PrefixBatching
from recbole_fn.data.loaders import FNTrainDataLoader, dataset_of, sampler_of
from recbole_fn.distributed.group import Group
from recbole_fn.extraction.candidates import Candidates, CatalogueCandidates, SampledCandidates
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.extraction.treatment import TreatmentContext
from recbole_fn.losses.base import CandidateLoss
from recbole_fn.losses.model_loss import ModelLoss
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.scoring.scaled import scorer_of
from recbole_fn.scoring.scorers import Scorer
from recbole_fn.scoring.selection import choose_scorer
from recbole_fn.scoring.with_prior import own_scores
from recbole_fn.training.batching import choose_batching
from recbole_fn.training.callbacks import Callbacks
from recbole_fn.training.epoch_log import Boards, epoch_log
from recbole_fn.training.loss import make_loss
from recbole_fn.training.parts import Parts
from recbole_fn.training.sampler import make_sampler
from recbole_fn.training.step import TrainingStep
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.part_types import Board
from recbole_fn.utils.recbole_types import Config, Dataset, Loader, Model
from recbole_fn.utils.spread import spread

_PROBE_ROWS = 8


def callbacks(parts: Parts, board: Board) -> Callbacks:
    """The callbacks of a run: those that log, and the user's.

    Args:
        parts: The classes of the run.
        board: RecBole's TensorBoard writer of the run.

    Examples:
        >>> from types import SimpleNamespace
        >>> board = SimpleNamespace(log_dir="log_tensorboard/run")
        >>> [type(callback).__name__ for callback in callbacks(Parts.of({}), board).callbacks]
        ['Boards', 'EpochLog']
    """
    log = epoch_log(parts.settings.log, board)
    return Callbacks([Boards(), log, *(callback() for callback in parts.callbacks)])


def prepare(
    config: Config, model: Model, parts: Parts, train_data: Loader
) -> tuple[TrainingStep, FNTrainDataLoader]:
    """Builds the training step of a run and the loader that feeds it.

    Args:
        config: RecBole's configuration.
        model: The model, on its device.
        parts: The classes of the run.
        train_data: The loader that RecBole made for training.

    Returns:
        The step, and the loader to train with: `train_data`, or a loader of windows.

    Raises:
        InputError: if the model or the data set does not support `fn_batching: sequence`; if
            several processes train a model that mixes the rows of a batch; if the loader or the
            configuration was made without this package.

    Examples:
        >>> parts = Parts.of(config.final_config_dict)
        >>> step, loader = prepare(config, new_run.model, parts, new_run.train_data)
        >>> step.sampler.name, step.steps, step.teacher
        ('uniform', 0, None)
    """
    group, settings = Group.of_this_process(), parts.settings
    loader = _our_loader(config, train_data)
    _require_separate_rows(model, group)
    dataset, sampler, device = dataset_of(loader), sampler_of(loader), config["device"]
    probe = _probe_rows(loader).to(device)
    scorer = _logged_scorer(model, probe, settings, dataset)
    batching, loader = choose_batching(settings, config, model, scorer, probe, loader)
    loader.at_random = parts.sampler.drawing(parts.sampler_args).draws_from_batch
    loss = _usable_loss(parts, config, model, dataset, probe)
    memory = HardNegativeMemory(len(dataset), dataset.item_num, settings.flip_after, device)
    step = TrainingStep(
        model=model,
        settings=settings,
        seed=config["seed"],
        group=group,
        batching=batching,
        scorer=scorer_of(model, scorer, dataset, settings),
        sampler=make_sampler(parts, model, scorer, sampler, dataset, memory),
        memory=memory,
        candidates=_candidates(parts, sampler, dataset.item_num),
        treatment=parts.treatment(TreatmentContext(loss.is_relative), parts.treatment_args),
        base_loss=loss,
    )
    return step, loader


def _logged_scorer(
    model: Model, probe: Interaction, settings: FNSettings, dataset: Dataset
) -> Scorer:
    with own_scores(model):
        scorer, reason = choose_scorer(model, probe, settings.scoring, dataset)
    getLogger().info(f"Scoring candidates by {scorer.name}: {reason}.", extra=DETAIL)
    return scorer


def _usable_loss(
    parts: Parts, config: Config, model: Model, dataset: Dataset, probe: Interaction
) -> CandidateLoss:
    """The loss; refused where `drop` asks it to leave out items that it needs."""
    loss = make_loss(parts, config, model, dataset)
    if isinstance(loss, ModelLoss) and parts.settings.strategy == "drop":
        loss.require_leaving_out(PrefixBatching(dataset, trims=False).rows(probe))
    return loss


def _our_loader(config: Config, train_data: Loader) -> FNTrainDataLoader:
    if not isinstance(train_data, FNTrainDataLoader):
        raise InputError(
            f"fn_enabled is True, but the loader of training is a {type(train_data).__name__}; "
            f"it must be made by recbole.data.data_preparation after recbole_fn.register()"
        )
    if config["train_neg_sample_args"].get("distribution", "none") != "none":
        raise InputError(
            "fn_enabled is True, but the configuration asks RecBole for negatives too: it was made "
            "before recbole_fn.register(); it must be made after that"
        )
    return train_data


def _require_separate_rows(model: Model, group: Group) -> None:
    if not group.is_alone and any(isinstance(part, _BatchNorm) for part in model.modules()):
        raise InputError(
            f"--nproc is {group.size}, but model {type(model).__name__!r} normalises over the rows "
            f"of a batch; with fn_enabled: True it must be 1"
        )


def _candidates(parts: Parts, sampler: FNSampler, num_items: int) -> Candidates:
    if parts.sampler.covers_catalogue:
        return CatalogueCandidates(sampler, num_items, parts.settings.slots)
    return SampledCandidates(parts.settings.slots)


def _probe_rows(train_data: FNTrainDataLoader) -> Interaction:
    """The rows with the longest histories, and others spread evenly; always the same ones."""
    dataset = dataset_of(train_data)
    lengths = dataset.inter_feat[dataset.item_list_length_field]
    longest = torch.topk(lengths, min(_PROBE_ROWS, len(lengths))).indices
    return train_data.collate_fn(torch.cat([longest, spread(len(lengths), _PROBE_ROWS)]))
