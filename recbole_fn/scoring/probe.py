"""Tries on a few rows how a model can be encoded fast without a wrong number.

Nothing is looked up by the model's name. Each way is compared with what the model gives row by
row, so a user's own model is served as well as RecBole's.
"""

from typing import Any

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch, trimmed
from recbole_fn.scoring.probe_mode import probe_mode
from recbole_fn.scoring.scorers import DotScorer, Scorer, all_positions

_PROBE_ITEMS = 100


def encodes_all_positions(model: Any, scorer: Scorer, interaction: Interaction) -> bool:
    """Whether one pass over a history gives what each of its prefixes gives alone.

    Each row is encoded once with all positions, and each position is compared with the row cut
    off behind it. So a model that looks at later items, or at their number, is found out.

    Args:
        model: The model.
        scorer: The scorer chosen for it.
        interaction: A few rows on the model's device, the longest among them.
    """
    if not isinstance(scorer, DotScorer):
        return False
    with probe_mode(model):
        try:
            with all_positions(model):
                whole = scorer.forward(model, interaction)  # [B, L, H]
        except (RuntimeError, IndexError, TypeError):
            return False  # the model's own code wants [B, H] here
        return whole.dim() == 3 and _equals_prefixes(model, scorer, interaction, whole)


def _equals_prefixes(
    model: Any, scorer: DotScorer, interaction: Interaction, whole: Tensor
) -> bool:
    lengths = interaction[model.ITEM_SEQ_LEN]
    for length in range(1, int(lengths.max()) + 1):
        has_it = lengths >= length
        alone = scorer.forward(model, _cut_off(model, interaction, length))
        if not torch.allclose(alone[has_it], whole[has_it, length - 1], atol=1e-5):
            return False
    return True


def allows_trimming(model: Any, scorer: Scorer, interaction: Interaction) -> bool:
    """Whether lists cut to the longest history of a batch give what padded ones give.

    Models that read fixed columns, or that mix all positions, are found out.

    Args:
        model: The model.
        scorer: The scorer chosen for it.
        interaction: A few rows on the model's device, of different lengths.
    """
    lengths = interaction[model.ITEM_SEQ_LEN]
    width = interaction[model.ITEM_SEQ].shape[1]
    # Not up to the model's n_items: it may count more than the catalogue, as S3Rec's does.
    items = interaction[model.ITEM_SEQ].unique()[-_PROBE_ITEMS:]
    with probe_mode(model):
        for longest in torch.unique(lengths).tolist():
            rows = interaction[lengths <= longest]
            whole = _row_scores(model, scorer, rows, items)
            try:
                cut = _row_scores(model, scorer, trimmed(rows, model.ITEM_SEQ_LEN, width), items)
            except (RuntimeError, IndexError):
                return False
            if not torch.allclose(cut, whole, atol=1e-5):
                return False
    return True


def _row_scores(model: Any, scorer: Scorer, rows: Interaction, items: Tensor) -> Tensor:
    """Scores of some items [C] for each row, shape [M, C]."""
    targets = rows[model.ITEM_ID]
    batch = RowBatch(rows, targets, targets, targets)
    return scorer.encode(model, batch).score(items.repeat(len(targets), 1))


def _cut_off(model: Any, interaction: Interaction, length: int) -> Interaction:
    """The same rows with only their first `length` items: lists zeroed behind them."""
    longest = interaction[model.ITEM_SEQ].shape[1]
    cut = {}
    for name, value in interaction.interaction.items():
        cut[name] = value.clone()
        if value.dim() >= 2 and value.shape[1] == longest:
            cut[name][:, length:] = 0
    cut[model.ITEM_SEQ_LEN] = interaction[model.ITEM_SEQ_LEN].clamp(max=length)
    return Interaction(cut)
