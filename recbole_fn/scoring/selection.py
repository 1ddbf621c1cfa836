"""Tries on a few rows how a model's candidates can be scored fast without a wrong number.

Nothing is looked up by the model's name. Each way is compared with what RecBole itself would
score with, so a user's own model is served as well as RecBole's.
"""

from typing import Any

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.scoring.probe_mode import probe_mode
from recbole_fn.scoring.scorers import DotScorer, FullSortScorer, PredictScorer, Scorer
from recbole_fn.utils.errors import InputError

_PASSED_ON_BY = ("View", "Squeeze", "Unsqueeze", "Reshape", "Alias", "Clone")


def choose_scorer(model: Any, interaction: Interaction, asked: str = "auto") -> tuple[Scorer, str]:
    """Finds the first of dot, full_sort and predict that agrees with the model's own scores.

    Args:
        model: The model.
        interaction: A few rows on the model's device.
        asked: `auto`, or the way that must be taken: `dot`, `full_sort` or `predict`.

    Returns:
        The scorer, and the reason for it in words.

    Raises:
        InputError: if the way that is asked for would give wrong scores.
    """
    with probe_mode(model):
        expected = _full_sort(model, interaction)
        fields = None if expected is None else _dot_fields(model, interaction, expected)
    if asked == "predict" or (asked == "auto" and expected is None):
        reason = "fn_scoring asks for it" if expected is not None else "it has no full_sort_predict"
        return PredictScorer(model.ITEM_ID, _predicts_sigmoid(model, interaction)), reason
    if expected is None or (asked == "dot" and fields is None):
        raise InputError(
            f"fn_scoring is {asked!r}, but {type(model).__name__} "
            f"{'has no full_sort_predict' if expected is None else 'is no plain dot product'}; "
            f"it must be auto or predict{'' if expected is None else ' or full_sort'}"
        )
    if fields is not None and asked != "full_sort":
        return DotScorer(fields), "it equals full_sort_predict on a probe batch"
    is_probability = _is_distribution(expected)
    kind = "probabilities" if is_probability else "scores"
    own = "fn_scoring asks for it" if asked != "auto" else f"its {kind} are no plain dot product"
    return FullSortScorer(is_probability), own


def _full_sort(model: Any, interaction: Interaction) -> Tensor | None:
    try:
        scores: Tensor = model.full_sort_predict(interaction)
    except NotImplementedError:
        return None
    return scores.view(len(interaction), -1)


def _is_distribution(scores: Tensor) -> bool:
    sums = scores.sum(1)
    return bool((scores >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def _forward_fields(model: Any, interaction: Interaction) -> tuple[str, ...] | None:
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


def _dot_fields(model: Any, interaction: Interaction, expected: Tensor) -> tuple[str, ...] | None:
    """The fields to encode, if the scores are dot products of that with the item embedding."""
    fields = _forward_fields(model, interaction)
    if fields is not None and _is_dot_product(model, interaction, fields, expected):
        return fields
    return None


def _is_dot_product(
    model: Any, interaction: Interaction, fields: tuple[str, ...], expected: Tensor
) -> bool:
    table = getattr(getattr(model, "item_embedding", None), "weight", None)
    states = DotScorer(fields).forward(model, interaction)
    if table is None or not isinstance(states, Tensor) or states.dim() != 2:
        return False
    if states.shape[1] != table.shape[1] or len(table) < expected.shape[1]:
        return False
    scores = states @ table[: expected.shape[1]].t()
    return scores.shape == expected.shape and torch.allclose(scores, expected, atol=1e-5)


def _predicts_sigmoid(model: Any, interaction: Interaction) -> bool:
    """Whether `predict` ends with a sigmoid; its scores are probabilities then."""
    was_training = model.training
    model.eval()
    try:
        with torch.enable_grad():
            node = model.predict(interaction).grad_fn
    finally:
        model.train(was_training)
    while node is not None and node.name().startswith(_PASSED_ON_BY):
        node = node.next_functions[0][0]
    return node is not None and node.name().startswith("Sigmoid")
