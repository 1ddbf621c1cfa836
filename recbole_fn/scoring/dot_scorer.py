"""Scores candidates by a dot product: each row is encoded once, without the whole catalogue."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch.nn.functional as F
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.candidate_dot import candidate_dot
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scorers import EncodedRows
from recbole_fn.utils.recbole_types import Model


class DotScorer:
    """Encodes each row once and multiplies it with the candidates' embeddings.

    Args:
        fields: The fields of a batch that the model's `forward` takes, in order.

    Example:
        >>> import torch
        >>> class Last(torch.nn.Module):
        ...     n_items, item_embedding = 3, torch.nn.Embedding.from_pretrained(torch.eye(3))
        ...     def forward(self, last):
        ...         return self.item_embedding(last)
        >>> one = torch.tensor([1])
        >>> batch = RowBatch(Interaction({"last": torch.tensor([2])}), one, one, one)
        >>> DotScorer(("last",)).encode(Last(), batch).score(torch.tensor([[1, 2]]))
        tensor([[0., 1.]])
    """

    name = "dot product"

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields

    def forward(self, model: Model, interaction: Interaction) -> Tensor:
        """Each entry's encoding [entries, hidden], or all positions' [entries, length, hidden]."""
        with getattr(model, "fn_reading", _plainly)(interaction):
            encoded: Tensor = model.forward(*(interaction[field] for field in self.fields))
        return encoded

    def states(self, model: Model, batch: RowBatch) -> Tensor:
        """The encoding of each row, at its position of its entry, shape [rows, hidden]."""
        if batch.entry is None:
            return self.forward(model, batch.interaction)
        with all_positions(model):
            states = self.forward(model, batch.interaction)  # [entries, length, hidden]
        return states[batch.entry, batch.position]

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Encodes each entry of the batch and selects the positions of its rows."""
        return _States(self.states(model, batch), model.item_embedding.weight, model.n_items)


def _plainly(_: Interaction) -> AbstractContextManager[None]:
    """How a model of a class without this package's reads histories."""
    return nullcontext()


@dataclass(frozen=True)
class _States:
    """Rows as vectors [rows, hidden], multiplied with an embedding table [num_items, hidden]."""

    states: Tensor
    table: Tensor
    num_items: int

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        return candidate_dot(self.states, self.table, items)

    def cosines(self, items: Tensor) -> Tensor:
        """See `EncodedVectors`."""
        return candidate_dot(F.normalize(self.states), F.normalize(self.table), items)

    def vectors(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """See `EncodedVectors`."""
        return full_precision(self.states), F.embedding(items, self.table)

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        return full_precision(self.states @ self.table[: self.num_items].t())  # [rows, num_items]

    def select(self, rows: slice) -> "_States":
        """See `EncodedRows`."""
        return _States(self.states[rows], self.table, self.num_items)


@contextmanager
def all_positions(model: Model) -> Iterator[None]:
    """Lets the model's `forward` return all positions [entries, length, hidden] in the context.

    Args:
        model: An `FNRecommender`.

    Example:
        >>> import torch
        >>> model = torch.nn.Module()
        >>> with all_positions(model):
        ...     print(model.fn_all_positions)
        True
        >>> model.fn_all_positions
        False
    """
    model.fn_all_positions = True
    try:
        yield
    finally:
        model.fn_all_positions = False
