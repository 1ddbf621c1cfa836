"""Scores of a row's candidates, in three ways; `probe` finds the one that suits a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.model.candidate_dot import candidate_dot

_SMALLEST = 1e-20  # its inverse, a factor of the gradient, is still far from infinity


class Scorer(Protocol):
    """Scores candidates with a model: `scorer(model, batch, candidates [M, C]) -> [M, C]`."""

    name: str

    def __call__(self, model: Any, batch: RowBatch, candidates: Tensor) -> Tensor:
        """Logits of the candidates, shape [M, C]."""
        ...

    def catalogue(self, model: Any, batch: RowBatch) -> Tensor:
        """Logits of all items, shape [M, num_items]; column 0 is the padding's."""
        ...


class DotScorer:
    """Encodes each row once and multiplies with the candidates' embeddings.

    Args:
        fields: The fields of a batch that the model's `forward` takes, in order.
    """

    name = "dot product"

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields

    def encode(self, model: Any, interaction: Interaction) -> Tensor:
        """The model's encoding of each entry: [B, H], or [B, L, H] of every position."""
        encoded: Tensor = model.forward(*(interaction[field] for field in self.fields))
        return encoded

    def states(self, model: Any, batch: RowBatch) -> Tensor:
        """The encoding of each row, shape [M, H]."""
        if batch.entry is None:
            return self.encode(model, batch.interaction)
        with every_position(model):
            return self.encode(model, batch.interaction)[batch.entry, batch.position]

    def __call__(self, model: Any, batch: RowBatch, candidates: Tensor) -> Tensor:
        """Logits of the candidates, shape [M, C]."""
        return candidate_dot(self.states(model, batch), model.item_embedding.weight, candidates)

    def catalogue(self, model: Any, batch: RowBatch) -> Tensor:
        """Logits of all items, shape [M, num_items]."""
        table: Tensor = model.item_embedding.weight[: model.n_items]
        return self.states(model, batch) @ table.t()


class FullSortScorer:
    """Scores the whole catalogue and picks the candidates.

    Args:
        is_probability: Whether the model returns probabilities instead of logits.
    """

    name = "full sort"

    def __init__(self, is_probability: bool = False) -> None:
        self.is_probability = is_probability

    def __call__(self, model: Any, batch: RowBatch, candidates: Tensor) -> Tensor:
        """Logits of the candidates, shape [M, C]."""
        return self.catalogue(model, batch).gather(1, candidates)

    def catalogue(self, model: Any, batch: RowBatch) -> Tensor:
        """Logits of all items, shape [M, num_items]."""
        scores = model.full_sort_predict(batch.interaction).view(len(batch.rows), -1)
        return probability_to_logit(scores) if self.is_probability else scores


class PredictScorer:
    """Calls `predict` for each pair of row and candidate: for models that offer nothing else.

    Args:
        item_field: The field of the candidate item.
        is_probability: Whether the model returns probabilities instead of logits.
    """

    name = "predict"

    def __init__(self, item_field: str, is_probability: bool = False) -> None:
        self.item_field, self.is_probability = item_field, is_probability

    def __call__(self, model: Any, batch: RowBatch, candidates: Tensor) -> Tensor:
        """Logits of the candidates, shape [M, C]."""
        pairs = batch.interaction.to(candidates.device).repeat_interleave(candidates.shape[1])
        pairs.update(Interaction({self.item_field: candidates.reshape(-1)}))
        scores: Tensor = model.predict(pairs).view(candidates.shape)
        return probability_to_logit(scores) if self.is_probability else scores

    def catalogue(self, model: Any, batch: RowBatch) -> Tensor:
        """Logits of all items, shape [M, num_items]."""
        items = torch.arange(model.n_items, device=batch.targets.device)
        return self(model, batch, items.expand(len(batch.rows), -1))


def probability_to_logit(probability: Tensor) -> Tensor:
    """`log p - log(1 - p)`, finite and with finite gradients at 0 and 1."""
    largest = 1 - torch.finfo(probability.dtype).eps
    probability = probability.clamp(_SMALLEST, largest)
    return probability.log() - torch.log1p(-probability)


@contextmanager
def every_position(model: Any) -> Iterator[None]:
    """Within the context, the model's `forward` returns all positions, [B, L, H]."""
    model.every_position = True
    try:
        yield
    finally:
        model.every_position = False
