"""Looks at a model and its data before training, and puts the parts together that suit them."""

from logging import getLogger
from typing import Any, Optional

import torch
from recbole.data.interaction import Interaction

from recbole_fn.data.batching import PrefixBatching, SequenceBatching
from recbole_fn.data.loading import FNTrainDataLoader, FNWindowDataLoader
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.windows import Windows, find_windows, single_rows
from recbole_fn.errors import InputError
from recbole_fn.learner import FalseNegativeLearner
from recbole_fn.model.probe import allows_trimming, choose_scorer, encodes_every_position
from recbole_fn.model.scoring import Scorer
from recbole_fn.settings import FNSettings

_TRIAL_ROWS = 8


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
        InputError: if `fn_batching: sequence` is asked of a model or data set that cannot.
    """
    dataset, device = train_data._dataset, config["device"]
    trial = _trial_rows(dataset).to(device)
    scorer, reason = choose_scorer(model, trial)
    windows, why = _choose_windows(settings, dataset, model, scorer, trial)
    trims = allows_trimming(model, scorer, trial)
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
    return FalseNegativeLearner(model, settings, sampler, scorer, batching, memory), train_data


def _trial_rows(dataset: Any) -> Interaction:
    """The rows with the longest histories and some others; the same ones each time."""
    lengths = dataset.inter_feat[dataset.item_list_length_field]
    longest = torch.topk(lengths, min(_TRIAL_ROWS, len(lengths))).indices
    spread = torch.linspace(0, len(lengths) - 1, min(_TRIAL_ROWS, len(lengths))).long()
    rows: Interaction = dataset[torch.cat([longest, spread])]
    return rows


def _choose_windows(
    settings: FNSettings, dataset: Any, model: Any, scorer: Scorer, trial: Interaction
) -> tuple[Optional[Windows], str]:
    if settings.batching == "prefix":
        return None, "fn_batching asks for it"
    windows = find_windows(dataset, settings.window_stride)
    if windows is None:
        reason = "the training rows are not the prefixes of each user's history"
    elif not encodes_every_position(model, scorer, trial):
        reason = f"{type(model).__name__} does not give in one pass what it gives row by row"
    else:
        return windows, "one pass over a window equals its prefixes on a trial batch"
    if settings.batching == "sequence":
        raise InputError(f"fn_batching is 'sequence', but {reason}; allowed is auto or prefix")
    return None, reason
