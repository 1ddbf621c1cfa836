"""The dot products of all rows with a large catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scorers import Scorer
from recbole_fn.utils.recbole_types import Model

_LARGE = 1 << 16  # items whose vectors do not stay in a CPU's caches
_TILE = 1 << 12  # items whose vectors do while all rows are multiplied by them


def dot_products(states: Tensor, table: Tensor) -> Tensor:
    """The dot products of all rows with all items, shape [rows, items], without gradient.

    A tile of items at a time takes a CPU two thirds of the time of one product, with 200,000 items
    and 40 rows.

    Args:
        states: The rows' vectors, shape [rows, hidden].
        table: The items' vectors, shape [items, hidden].

    Example:
        >>> dot_products(torch.tensor([[1.0, 2.0]]), torch.eye(2))
        tensor([[1., 2.]])
    """
    if not _pays(table):
        return states @ table.t().to(states.dtype)
    products = states.new_empty(len(states), len(table))
    for factors, tile in zip(table.split(_TILE), products.split(_TILE, dim=1), strict=True):
        torch.mm(states, factors.t(), out=tile)
    return products


def _pays(table: Tensor) -> bool:
    return len(table) >= _LARGE and table.device.type == "cpu" and table.dtype == torch.float32


def are_scores(model: Model, scorer: Scorer) -> bool:
    """Whether the dot products of rows and items are the model's scores, with nothing added.

    Args:
        model: The model.
        scorer: How candidates are scored with it.

    Example:
        >>> are_scores(run.model, run.trainer.fn_step.scorer)
        True
    """
    more = [getattr(model, name, None) for name in ("fn_prior", "fn_is_cosine")]
    return isinstance(scorer, DotScorer) and all(one is None for one in more)


def _ranks_as_recbole(model: Model) -> bool:
    """Whether RecBole's own class ranks all items, and nothing stands in for its method.

    The scorer was tried before training; a method of a user may have learned to add something.
    """
    own = [
        owner.__module__.split(".")[0]
        for owner in type(model).__mro__
        if "full_sort_predict" in vars(owner)
    ]
    return {*own} <= {"recbole", __name__.split(".")[0]} and "full_sort_predict" not in vars(model)


@contextmanager
def multiplied_in_tiles(model: Model, scorer: Scorer) -> Iterator[None]:
    """Within the context, `full_sort_predict` of a model with a large catalogue is faster.

    Only for RecBole's models whose scores are dot products; they are the same up to rounding.

    Args:
        model: The model; on a GPU nothing changes.
        scorer: How candidates are scored with it.

    Example:
        >>> with multiplied_in_tiles(run.model, run.trainer.fn_step.scorer):
        ...     run.model.full_sort_predict(run.test_data.dataset[:2]).shape
        torch.Size([2, 51])
    """
    are_products = _ranks_as_recbole(model) and are_scores(model, scorer)
    if not (are_products and _pays(model.item_embedding.weight)):
        yield
        return
    assert isinstance(scorer, DotScorer)

    def full_sort_predict(rows: Interaction) -> Tensor:
        table: Tensor = model.item_embedding.weight[: model.n_items]
        return dot_products(full_precision(scorer.forward(model, rows)), table)

    model.full_sort_predict = full_sort_predict
    try:
        yield
    finally:
        del model.full_sort_predict
