"""Looks at a model and its data before training, and puts the parts together that suit them."""

from functools import partial
from logging import getLogger
from typing import Any, Optional

import torch
from recbole.data.interaction import Interaction
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from recbole_fn.candidates import Candidates, CatalogueCandidates, SampledCandidates
from recbole_fn.data.batching import PrefixBatching, SequenceBatching
from recbole_fn.data.loading import FNTrainDataLoader, FNWindowDataLoader
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.sampler import FNSampler
from recbole_fn.data.windows import Windows, find_windows, single_rows
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.reduction import Size, loss_over_ranks
from recbole_fn.errors import InputError
from recbole_fn.learner import BaseLoss, FalseNegativeLearner
from recbole_fn.model.choice import choose_scorer
from recbole_fn.model.losses import (
    CandidateLoss,
    bce_denominator,
    bce_loss,
    bpr_denominator,
    bpr_loss,
    gbce_weight,
    softmax_denominator,
    softmax_loss,
)
from recbole_fn.model.own_loss import OwnLoss
from recbole_fn.model.probe import allows_trimming, encodes_every_position
from recbole_fn.model.scoring import Scorer
from recbole_fn.settings import FNSettings

_TRIAL_ROWS = 8
_DENOMINATORS: dict[str, Size] = {
    "bce": bce_denominator,
    "gbce": bce_denominator,
    "bpr": bpr_denominator,
    "softmax": softmax_denominator,
}


def prepare(
    config: Any, model: Any, settings: FNSettings, train_data: FNTrainDataLoader
) -> tuple[FalseNegativeLearner, FNTrainDataLoader]:
    """Builds the learner of a run and the loader that feeds it.

    Args:
        config: RecBole's configuration.
        model: The model, on its device.
        settings: The `fn_` keys.
        train_data: The loader that RecBole made for training.

    Returns:
        The learner, and the loader to train with: the given one, or one of windows.

    Raises:
        InputError: if `fn_batching: sequence` is asked of a model or data set that cannot; if
            several processes are asked of a model that looks at a batch as a whole.
    """
    group = Group.of_this_process()
    _require_separate_rows(model, group)
    dataset, device = train_data._dataset, config["device"]
    trial = _trial_rows(train_data).to(device)
    scorer, reason = choose_scorer(model, trial, settings.scoring)
    windows, why = _choose_windows(settings, config, dataset, model, scorer, trial)
    # The model's own loss may read fixed columns where its scores do not.
    trims = settings.loss != "model" and allows_trimming(model, scorer, trial)
    getLogger().info(f"Scoring candidates by {scorer.name}: {reason}.")
    getLogger().info(f"Batching by {'prefix' if windows is None else 'sequence'}: {why}.")
    getLogger().info(f"Histories are {'' if trims else 'not '}cut to the longest of a batch.")
    memory = HardNegativeMemory(len(dataset), dataset.item_num, settings.flip_after, device)
    sampler, batching = train_data._sampler, PrefixBatching(dataset, trims)
    if windows is not None:
        batching = SequenceBatching(dataset, trims, windows, device)
    if windows is not None or trims:
        windows = windows or single_rows(dataset)
        train_data = FNWindowDataLoader(config, dataset, sampler, windows, train_data.shuffle)
    candidates = _candidates(settings, sampler, scorer, memory, group)
    base_loss = _base_loss(settings, config, model, dataset.item_num)
    if isinstance(base_loss, OwnLoss) and settings.strategy == "drop":
        base_loss.require_leaving_out(PrefixBatching(dataset, trims=False).rows(trial))
    size = _DENOMINATORS.get(settings.loss, _num_rows)
    learner = FalseNegativeLearner(
        model,
        settings,
        scorer,
        batching,
        memory,
        candidates,
        loss_over_ranks(group, base_loss, size),
        group,
        config["seed"],
    )
    return learner, train_data


def _require_separate_rows(model: Any, group: Group) -> None:
    if not group.is_alone and any(isinstance(part, _BatchNorm) for part in model.modules()):
        raise InputError(
            f"--nproc is {group.size}, but model {type(model).__name__!r} normalises over the rows "
            f"of a batch; with fn_enabled: True allowed is one process"
        )


def _num_rows(labels: Tensor, kept: Optional[Tensor]) -> int:
    return len(labels)


def _candidates(
    settings: FNSettings,
    sampler: FNSampler,
    scorer: Scorer,
    memory: HardNegativeMemory,
    group: Group,
) -> Candidates:
    if isinstance(settings.neg_num, str):
        return CatalogueCandidates(sampler, scorer, memory, settings.slots, group)
    return SampledCandidates(sampler, scorer, memory, settings.neg_num, settings.slots, group)


def _base_loss(settings: FNSettings, config: Any, model: Any, num_items: int) -> BaseLoss:
    if settings.loss == "model":
        return OwnLoss(model, config["LABEL_FIELD"], num_items)
    losses: dict[str, CandidateLoss] = {
        "bce": bce_loss,
        "bpr": bpr_loss,
        "softmax": softmax_loss,
        "gbce": bce_loss,
    }
    loss = losses[settings.loss]
    if settings.loss == "gbce":
        weight = gbce_weight(int(settings.neg_num), num_items - 1, settings.gbce_t)
        loss = partial(bce_loss, positive_weight=weight)
    return lambda visit, labels, kept: loss(visit.logits, labels, kept)


def _trial_rows(train_data: FNTrainDataLoader) -> Interaction:
    """The rows with the longest histories and some others; the same ones each time."""
    dataset = train_data._dataset
    lengths = dataset.inter_feat[dataset.item_list_length_field]
    longest = torch.topk(lengths, min(_TRIAL_ROWS, len(lengths))).indices
    spread = torch.linspace(0, len(lengths) - 1, min(_TRIAL_ROWS, len(lengths))).long()
    return train_data.collate_fn(torch.cat([longest, spread]))


def _choose_windows(
    settings: FNSettings,
    config: Any,
    dataset: Any,
    model: Any,
    scorer: Scorer,
    trial: Interaction,
) -> tuple[Optional[Windows], str]:
    if settings.batching == "prefix" or settings.loss == "model":
        key = "fn_batching" if settings.batching == "prefix" else "fn_loss: model"
        return None, f"{key} asks for it"
    windows = find_windows(dataset, settings.window_stride)
    if config["transform"] is not None:
        reason = f"batches go through the transform {config['transform']!r}"
    elif windows is None:
        reason = "the training rows are not the prefixes of each user's history"
    elif not encodes_every_position(model, scorer, trial):
        reason = f"{type(model).__name__} does not give in one pass what it gives row by row"
    else:
        return windows, "one pass over a window equals its prefixes on a trial batch"
    if settings.batching == "sequence":
        raise InputError(f"fn_batching is 'sequence', but {reason}; allowed is auto or prefix")
    return None, reason
