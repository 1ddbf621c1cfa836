"""Tries on a few rows how a model can be scored and encoded fast without a wrong number.

Nothing is looked up by the model's name. Each way is compared with what RecBole itself would
score with, so a user's own model is served as well as RecBole's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch, trimmed
from recbole_fn.model.scoring import (
    DotScorer,
    FullSortScorer,
    PredictScorer,
    Scorer,
    every_position,
)

_TRIAL_ITEMS = 100


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def choose_scorer(model: Any, interaction: Interaction) -> tuple[Scorer, str]:
    """Finds the fastest way of scoring that agrees with the model's own scores.

    Args:
        model: The model.
        interaction: A few rows on the model's device.

    Returns:
        The scorer, and the reason for it in words.
    """
    with _evaluating(model):
        expected = _full_sort(model, interaction)
        if expected is None:
            return PredictScorer(model.ITEM_ID), "the model has no full_sort_predict"
        fields = _forward_fields(model, interaction)
        if fields is not None and _is_dot_product(model, interaction, fields, expected):
            return DotScorer(fields), "it equals full_sort_predict on a trial batch"
    is_probability = _is_distribution(expected)
    kind = "probabilities" if is_probability else "scores"
    return FullSortScorer(is_probability), f"the model's {kind} are no plain dot product"


def _full_sort(model: Any, interaction: Interaction) -> Optional[Tensor]:
    try:
        scores: Tensor = model.full_sort_predict(interaction)
    except NotImplementedError:
        return None
    return scores.view(len(interaction), -1)


def _is_distribution(scores: Tensor) -> bool:
    sums = scores.sum(1)
    return bool((scores >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def _forward_fields(model: Any, interaction: Interaction) -> Optional[tuple[str, ...]]:
    """Watches which fields of a batch `full_sort_predict` hands to `forward`."""
    calls: list[tuple[Any, ...]] = []
    forward = model.forward

    def watched(*args: Any, **kwargs: Any) -> Any:
        calls.append((*args, *kwargs.values()))
        return forward(*args, **kwargs)

    model.forward = watched
    try:
        model.full_sort_predict(interaction)
    finally:
        del model.forward
    names = {id(value): name for name, value in interaction.interaction.items()}
    if len(calls) != 1 or any(id(argument) not in names for argument in calls[0]):
        return None
    return tuple(names[id(argument)] for argument in calls[0])


def _is_dot_product(
    model: Any, interaction: Interaction, fields: tuple[str, ...], expected: Tensor
) -> bool:
    table = getattr(getattr(model, "item_embedding", None), "weight", None)
    states = DotScorer(fields).encode(model, interaction)
    if table is None or not isinstance(states, Tensor) or states.dim() != 2:
        return False
    if states.shape[1] != table.shape[1] or len(table) < expected.shape[1]:
        return False
    scores = states @ table[: expected.shape[1]].t()
    return scores.shape == expected.shape and torch.allclose(scores, expected, atol=1e-5)


def encodes_every_position(model: Any, scorer: Scorer, interaction: Interaction) -> bool:
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
    with _evaluating(model):
        try:
            with every_position(model):
                whole = scorer.encode(model, interaction)  # [B, L, H]
        except (RuntimeError, IndexError, TypeError):
            return False  # the model's own code wants [B, H] here
        return whole.dim() == 3 and _equals_prefixes(model, scorer, interaction, whole)


def _equals_prefixes(
    model: Any, scorer: DotScorer, interaction: Interaction, whole: Tensor
) -> bool:
    lengths = interaction[model.ITEM_SEQ_LEN]
    for length in range(1, int(lengths.max()) + 1):
        has_it = lengths >= length
        alone = scorer.encode(model, _cut_off(model, interaction, length))
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
    items = interaction[model.ITEM_SEQ].unique()[-_TRIAL_ITEMS:]
    with _evaluating(model):
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
    return scorer(model, batch, items.repeat(len(targets), 1))


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
