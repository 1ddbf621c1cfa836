"""Selects the first scorer that reproduces a model's own scores on a few rows.

The model's name plays no role. Each scorer is compared with the method by which RecBole scores
the model, so a user's own model is handled like RecBole's.
"""

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.item_features import item_features
from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.probe_mode import probe_mode
from recbole_fn.scoring.scorers import FullSortScorer, PredictScorer, Scorer
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset, Model

_SHAPE_ONLY = ("View", "Squeeze", "Unsqueeze", "Reshape", "Alias", "Clone")


def choose_scorer(
    model: Model,
    interaction: Interaction,
    requested: str = "auto",
    dataset: Dataset | None = None,
) -> tuple[Scorer, str]:
    """Selects the first of dot, full_sort and predict that reproduces the model's own scores.

    Args:
        model: The model.
        interaction: A few rows on the model's device.
        requested: The value of `fn_scoring`: `auto`, `dot`, `full_sort` or `predict`.
        dataset: The built data set with the features of items; None if they have none.

    Returns:
        The scorer, and the reason for the choice, for the log.

    Raises:
        InputError: if the requested scorer would give wrong scores.

    Example:
        >>> class Last(torch.nn.Module):
        ...     n_items, item_embedding = 3, torch.nn.Embedding(3, 2)
        ...     def forward(self, last):
        ...         return self.item_embedding(last)
        ...     def full_sort_predict(self, interaction):
        ...         return self(interaction["last"]) @ self.item_embedding.weight.t()
        >>> scorer, reason = choose_scorer(Last(), Interaction({"last": torch.tensor([1, 2])}))
        >>> scorer.name
        'dot product'
    """
    with probe_mode(model):
        expected = _full_sort(model, interaction)
        fields = None if expected is None else _dot_fields(model, interaction, expected)
    if requested == "predict" or (requested == "auto" and expected is None):
        reason = "fn_scoring asks for it" if expected is not None else "it has no full_sort_predict"
        is_probability = _predicts_probability(model, interaction, expected)
        device = interaction[model.ITEM_ID].device
        features = {} if dataset is None else item_features(dataset, device)
        return PredictScorer(model.ITEM_ID, is_probability, features), reason
    if expected is None or (requested == "dot" and fields is None):
        raise InputError(
            f"fn_scoring is {requested!r}, but {type(model).__name__} "
            f"{'has no full_sort_predict' if expected is None else 'is no plain dot product'}; "
            f"it must be auto or predict{'' if expected is None else ' or full_sort'}"
        )
    if fields is not None and requested != "full_sort":
        return DotScorer(fields), "it equals full_sort_predict on a probe batch"
    is_probability = _is_distribution(expected)
    kind = "probabilities" if is_probability else "scores"
    reason = f"its {kind} are no plain dot product"
    if requested != "auto":
        reason = "fn_scoring asks for it"
    return FullSortScorer(is_probability), reason


def _full_sort(model: Model, interaction: Interaction) -> Tensor | None:
    try:
        scores: Tensor = model.full_sort_predict(interaction)
    except NotImplementedError:
        return None
    return scores.view(len(interaction), -1)  # [rows, num_items]


def _is_distribution(scores: Tensor) -> bool:
    sums = scores.sum(1)
    return bool((scores >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-3)


def _forward_fields(model: Model, interaction: Interaction) -> tuple[str, ...] | None:
    """Observes which fields of a batch `full_sort_predict` passes to `forward`."""
    calls: list[tuple[object, ...]] = []
    forward = model.forward

    def watched(*args: object, **kwargs: object) -> object:
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


def _dot_fields(model: Model, interaction: Interaction, expected: Tensor) -> tuple[str, ...] | None:
    """The fields that `forward` encodes, if its states times the item embeddings are the scores."""
    fields = _forward_fields(model, interaction)
    if fields is not None and _is_dot_product(model, interaction, fields, expected):
        return fields
    return None


def _is_dot_product(
    model: Model, interaction: Interaction, fields: tuple[str, ...], expected: Tensor
) -> bool:
    table = getattr(getattr(model, "item_embedding", None), "weight", None)
    states = DotScorer(fields).forward(model, interaction)
    if table is None or not isinstance(states, Tensor) or states.dim() != 2:
        return False
    if states.shape[1] != table.shape[1] or len(table) < expected.shape[1]:
        return False
    scores = states @ table[: expected.shape[1]].t()  # [rows, num_items]
    return scores.shape == expected.shape and torch.allclose(scores, expected, atol=1e-5)


def _predicts_probability(model: Model, interaction: Interaction, expected: Tensor | None) -> bool:
    """Whether `predict` gives probabilities: those of `expected` [rows, num_items], or others."""
    if expected is not None and _is_distribution(expected):
        with probe_mode(model):
            predicted = model.predict(interaction).view(-1)  # [rows]
        shares = expected.gather(1, interaction[model.ITEM_ID].view(-1, 1)).view(-1)
        if torch.allclose(predicted, shares, atol=1e-5):
            return True
    return _predicts_sigmoid(model, interaction)


def _predicts_sigmoid(model: Model, interaction: Interaction) -> bool:
    """Whether `predict` ends with a sigmoid, so that its scores are probabilities."""
    was_training = model.training
    model.eval()
    try:
        with torch.enable_grad():
            node = model.predict(interaction).grad_fn
    finally:
        model.train(was_training)
    while node is not None and node.name().startswith(_SHAPE_ONLY):
        node = node.next_functions[0][0]
    return node is not None and node.name().startswith("Sigmoid")
