"""Scores of rows' candidates in three ways; `choice` finds the one that suits a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.candidate_dot import candidate_dot
from recbole_fn.scoring.precision import full_precision

_SMALLEST = 1e-20  # its inverse, a factor of the gradient, is still far from infinity


class EncodedRows(Protocol):
    """M rows that have been encoded once, ready to score any items."""

    def score(self, items: Tensor) -> Tensor:
        """Logits of each row's items, shape [M, K] for item ids [M, K]."""
        ...

    def catalogue(self) -> Tensor:
        """Logits of all items, shape [M, num_items]; column 0 is the padding's."""
        ...


class Scorer(Protocol):
    """Scores items with a model."""

    name: str

    def encode(self, model: Any, batch: RowBatch) -> EncodedRows:
        """Encodes the rows of a batch, M of them."""
        ...


class DotScorer:
    """Encodes each row once and multiplies with the candidates' embeddings.

    Args:
        fields: The fields of a batch that the model's `forward` takes, in order.
    """

    name = "dot product"

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields

    def forward(self, model: Any, interaction: Interaction) -> Tensor:
        """The model's encoding of each entry: [B, H], or [B, L, H] of every position."""
        encoded: Tensor = model.forward(*(interaction[field] for field in self.fields))
        return encoded

    def encode(self, model: Any, batch: RowBatch) -> EncodedRows:
        """Encodes each entry of the batch and picks the positions of its rows."""
        if batch.entry is None:
            states = self.forward(model, batch.interaction)
        else:
            with all_positions(model):
                states = self.forward(model, batch.interaction)  # [B, L, H]
            states = states[batch.entry, batch.position]  # [M, H]
        return _States(states, model.item_embedding.weight, model.n_items)


@dataclass(frozen=True)
class _States:
    """Rows as vectors [M, H], to be multiplied with an embedding table [num_items, H]."""

    states: Tensor
    table: Tensor
    num_items: int

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        return candidate_dot(self.states, self.table, items)

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        return full_precision(self.states @ self.table[: self.num_items].t())


class FullSortScorer:
    """Scores the whole catalogue and picks the candidates.

    Args:
        is_probability: Whether the model returns probabilities instead of logits.
    """

    name = "full sort"

    def __init__(self, is_probability: bool = False) -> None:
        self.is_probability = is_probability

    def encode(self, model: Any, batch: RowBatch) -> EncodedRows:
        """Scores all items for each row."""
        scores = model.full_sort_predict(batch.interaction).view(len(batch.rows), -1)
        scores = full_precision(scores)
        return _Catalogue(probability_to_logit(scores) if self.is_probability else scores)


@dataclass(frozen=True)
class _Catalogue:
    """Rows as the scores of all items, [M, num_items]."""

    scores: Tensor

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        return self.scores.gather(1, items)

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        return self.scores


class PredictScorer:
    """Calls `predict` for each pair of row and candidate: for models that offer nothing else.

    Args:
        item_field: The field of the candidate item.
        is_probability: Whether the model returns probabilities instead of logits.
    """

    name = "predict"

    def __init__(self, item_field: str, is_probability: bool = False) -> None:
        self.item_field, self.is_probability = item_field, is_probability

    def encode(self, model: Any, batch: RowBatch) -> EncodedRows:
        """Encodes nothing yet: the model looks at a row together with a candidate."""
        return _Pairs(model, batch, self.item_field, self.is_probability)


@dataclass(frozen=True)
class _Pairs:
    """Rows of a model that scores pairs of a row and an item."""

    model: Any
    batch: RowBatch
    item_field: str
    is_probability: bool

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        pairs = self.batch.interaction.to(items.device).repeat_interleave(items.shape[1])
        pairs.update(Interaction({self.item_field: items.reshape(-1)}))  # [M * K]
        scores = full_precision(self.model.predict(pairs).view(items.shape))
        return probability_to_logit(scores) if self.is_probability else scores

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        items = torch.arange(self.model.n_items, device=self.batch.targets.device)
        return self.score(items.expand(len(self.batch.rows), -1))


@dataclass(frozen=True)
class NoRows:
    """What a process has whose part of a batch is empty: its model is not asked."""

    num_items: int
    device: torch.device

    def score(self, items: Tensor) -> Tensor:
        """Scores of no row, shape [0, K]."""
        return torch.zeros(0, items.shape[1], device=self.device)

    def catalogue(self) -> Tensor:
        """Scores of no row, shape [0, num_items]."""
        return torch.zeros(0, self.num_items, device=self.device)


def probability_to_logit(probability: Tensor) -> Tensor:
    """`log p - log(1 - p)`, finite and with finite gradients at 0 and 1."""
    largest = 1 - torch.finfo(probability.dtype).eps
    probability = probability.clamp(_SMALLEST, largest)
    return probability.log() - torch.log1p(-probability)


@contextmanager
def all_positions(model: Any) -> Iterator[None]:
    """Within the context, the model's `forward` returns all positions, [B, L, H]."""
    model.fn_all_positions = True
    try:
        yield
    finally:
        model.fn_all_positions = False
