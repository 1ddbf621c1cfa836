"""The interface of a scorer, and the scorers that call a model's own prediction methods."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.item_features import features_of
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.still import still_statistics
from recbole_fn.utils.logits import probability_to_logit
from recbole_fn.utils.recbole_types import Model


class EncodedRows(Protocol):
    """Rows that are encoded once and can score any items.

    Example:
        >>> class LikesHighIds:
        ...     def score(self, items):
        ...         return items.float()
        ...     def catalogue(self):
        ...         return torch.arange(9.0).expand(1, -1)
        ...     def select(self, rows):
        ...         return self
        >>> encoded: EncodedRows = LikesHighIds()
        >>> encoded.score(torch.tensor([[3, 7]]))
        tensor([[3., 7.]])
    """

    def score(self, items: Tensor) -> Tensor:
        """Logits of each row's items: [rows, items] for item ids [rows, items]."""
        ...

    def catalogue(self) -> Tensor:
        """Logits of all items, shape [rows, num_items]; column 0 is the padding's."""
        ...

    def select(self, rows: slice) -> "EncodedRows":
        """Some of the rows."""
        ...


class EncodedVectors(EncodedRows, Protocol):
    """Rows that are encoded as vectors, which are multiplied with vectors of items.

    Example:
        `DotScorer` encodes rows so:

        >>> step, batch = run.trainer.fn_step, next(iter(run.train_data))[:8]
        >>> encoded: EncodedVectors = step.scorer.encode(run.model, step.batching.rows(batch))
        >>> encoded.cosines(run.dataset.inter_feat["item_id"][:24].view(8, 3)).shape
        torch.Size([8, 3])
    """

    def cosines(self, items: Tensor) -> Tensor:
        """Cosines of the angles between rows and items: [rows, items] for ids [rows, items]."""
        ...

    def vectors(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Rows [rows, hidden] and items [rows, items, hidden], whose products are the scores."""
        ...


class Scorer(Protocol):
    """A way to score items with a model.

    Example:
        Chosen for the model:

        >>> scorer: Scorer = run.trainer.fn_step.scorer
        >>> scorer.name
        'dot product'
    """

    name: str

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Encodes the rows of a batch."""
        ...


class FullSortScorer:
    """Scores the whole catalogue and gathers the candidates.

    Args:
        is_probability: Whether the model returns probabilities instead of logits.

    Example:
        >>> class Fixed(torch.nn.Module):
        ...     def full_sort_predict(self, interaction):
        ...         return torch.tensor([[0.0, 0.1, 0.2]])
        >>> batch = RowBatch(None, *torch.ones(3, 1))
        >>> FullSortScorer().encode(Fixed(), batch).score(torch.tensor([[2, 1]]))
        tensor([[0.2000, 0.1000]])
    """

    name = "full sort"

    def __init__(self, is_probability: bool = False) -> None:
        self.is_probability = is_probability

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Scores all items for each row."""
        scores = model.full_sort_predict(batch.interaction)
        scores = scores.view(len(batch.rows), -1)  # [rows, num_items]
        scores = full_precision(scores)
        return _Catalogue(probability_to_logit(scores) if self.is_probability else scores)


@dataclass(frozen=True)
class _Catalogue:
    """Rows as the scores of all items, [rows, num_items]."""

    scores: Tensor

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        return self.scores.gather(1, items)  # [rows, items]

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        return self.scores

    def select(self, rows: slice) -> "_Catalogue":
        """See `EncodedRows`."""
        return _Catalogue(self.scores[rows])


class PredictScorer:
    """Calls `predict` for each pair of a row and a candidate, for models without another way.

    Args:
        item_field: The field of the candidate item.
        is_probability: Whether the model returns probabilities instead of logits.
        features: The features of all items by name, which a candidate brings along.

    Example:
        >>> class Double(torch.nn.Module):
        ...     def predict(self, interaction):
        ...         return 2.0 * interaction["item"]
        >>> rows = torch.tensor([0])
        >>> batch = RowBatch(Interaction({"user": rows}), rows, rows, rows)
        >>> PredictScorer("item").encode(Double(), batch).score(torch.tensor([[3, 4]]))
        tensor([[6., 8.]])
    """

    name = "predict"

    def __init__(
        self,
        item_field: str,
        is_probability: bool = False,
        features: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.item_field, self.is_probability = item_field, is_probability
        self.features = features or {}

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Wraps the rows: the model needs a row together with a candidate."""
        return _Pairs(model, batch, self.item_field, self.is_probability, self.features)


@dataclass(frozen=True)
class _Pairs:
    """Rows of a model that scores pairs of a row and an item."""

    model: Model
    batch: RowBatch
    item_field: str
    is_probability: bool
    features: Mapping[str, Tensor]

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        pairs = self.batch.interaction.to(items.device).repeat_interleave(items.shape[1])
        flat = items.reshape(-1)  # [rows * items]
        pairs.update(Interaction({self.item_field: flat, **features_of(self.features, flat)}))
        with still_statistics(self.model):
            scores = full_precision(self.model.predict(pairs).view(items.shape))  # [rows, items]
        return probability_to_logit(scores) if self.is_probability else scores

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        # Some models count a mask as an item; it has no features, and its score is not read.
        sizes = [self.model.n_items, *map(len, self.features.values())]
        items = torch.arange(min(sizes), device=self.batch.targets.device)
        return self.score(items.expand(len(self.batch.rows), -1))  # [rows, num_items]

    def select(self, rows: slice) -> "_Pairs":
        """See `EncodedRows`."""
        chosen = torch.zeros_like(self.batch.rows, dtype=torch.bool)
        chosen[rows] = True
        return replace(self, batch=self.batch.select(chosen))
