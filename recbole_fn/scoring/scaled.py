"""Scores as cosines, and scores divided by a temperature."""

from dataclasses import dataclass
from typing import cast

import torch.nn.functional as F
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.candidate_dot import candidate_dot
from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.dropout import FastDropoutScorer
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.scorers import EncodedRows, EncodedVectors, Scorer
from recbole_fn.scoring.with_prior import with_prior
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.logits import item_norms
from recbole_fn.utils.recbole_types import Dataset, Model


def scorer_of(model: Model, own: Scorer, dataset: Dataset, settings: FNSettings) -> Scorer:
    """The scorer of a model's training: its own scores, as cosines, with the prior, over T.

    Evaluation ranks by the same scores; the temperature changes no ranking.

    Args:
        model: The model.
        own: The scorer of its own scores.
        dataset: The built training set.
        settings: The keys `fn_score`, `fn_prior`, `fn_temperature` and `fn_fast_dropout`.

    Raises:
        InputError: if the model cannot be scored so.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(fn_prior=None)
        >>> scorer_of(model, "its own scorer", dataset=None, settings=FNSettings())
        'its own scorer'
    """
    scorer: Scorer = own
    if settings.score == "cosine":
        scorer = CosineScorer(_require_dot(model, own))
    scorer = with_prior(model, scorer, dataset, settings.prior)
    if settings.temperature != 1:
        scorer = TemperatureScorer(scorer, settings.temperature)
    on_cpu = settings.fast_dropout and next(model.parameters()).device.type == "cpu"
    return FastDropoutScorer(scorer, model) if on_cpu else scorer


def _require_dot(model: Model, scorer: Scorer) -> DotScorer:
    if not isinstance(scorer, DotScorer):
        raise InputError(
            f"fn_score is 'cosine', but {type(model).__name__} is scored by {scorer.name} and not "
            f"by a dot product of vectors; it must be dot"
        )
    if getattr(model, "fn_is_cosine", None) is None:
        raise InputError(
            f"fn_score is 'cosine', but the model is RecBole's own {type(model).__name__}; it must "
            f"be made by recbole.utils.get_model(name), imported after recbole_fn.register()"
        )
    return scorer


class CosineScorer:
    """Scores by the cosine of a row's vector and an item's.

    Args:
        scorer: Encodes the rows.

    Example:
        >>> import torch
        >>> from recbole.data.interaction import Interaction
        >>> class Last(torch.nn.Module):
        ...     n_items = 3
        ...     item_embedding = torch.nn.Embedding.from_pretrained(3 * torch.eye(3))
        ...     def forward(self, last):
        ...         return self.item_embedding(last)
        >>> one = torch.tensor([1])
        >>> batch = RowBatch(Interaction({"last": torch.tensor([2])}), one, one, one)
        >>> CosineScorer(DotScorer(("last",))).encode(Last(), batch).score(torch.tensor([[1, 2]]))
        tensor([[0., 1.]])
    """

    name = "cosine"

    def __init__(self, scorer: DotScorer) -> None:
        self.scorer = scorer

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Encodes the rows as unit vectors."""
        table = model.item_embedding.weight
        states = F.normalize(self.scorer.states(model, batch), dim=-1)  # [rows, hidden]
        return _Units(states, table, item_norms(table), model.n_items)


@dataclass(frozen=True)
class _Units:
    """Rows as unit vectors [rows, hidden], items as vectors [num_items, hidden] and lengths."""

    states: Tensor
    table: Tensor
    norms: Tensor
    num_items: int

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        dots = candidate_dot(self.states, self.table, items)
        return dots / F.embedding(items, self.norms.unsqueeze(1)).squeeze(2).to(dots)

    def cosines(self, items: Tensor) -> Tensor:
        """See `EncodedVectors`."""
        return self.score(items)

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        dots = full_precision(self.states @ self.table[: self.num_items].t())
        return dots / self.norms[: self.num_items]  # [rows, num_items]

    def select(self, rows: slice) -> "_Units":
        """See `EncodedRows`."""
        return _Units(self.states[rows], self.table, self.norms, self.num_items)


class TemperatureScorer:
    """Divides the scores by a temperature.

    Args:
        scorer: Gives the scores.
        temperature: What they are divided by.

    Example:
        >>> from types import SimpleNamespace
        >>> import torch
        >>> encoded = SimpleNamespace(score=lambda items: items.float())
        >>> own = SimpleNamespace(name="dot product", encode=lambda model, batch: encoded)
        >>> scorer = TemperatureScorer(own, temperature=0.5)
        >>> scorer.encode(None, None).score(torch.tensor([[3, 4]]))
        tensor([[6., 8.]])
    """

    def __init__(self, scorer: Scorer, temperature: float) -> None:
        self.scorer, self.temperature = scorer, temperature
        self.name = f"{scorer.name} over {temperature}"

    def encode(self, model: Model, batch: RowBatch) -> EncodedRows:
        """Encodes the rows of a batch."""
        return _Divided(self.scorer.encode(model, batch), self.temperature)


@dataclass(frozen=True)
class _Divided:
    """Encoded rows whose scores are divided by a temperature."""

    encoded: EncodedRows
    temperature: float

    def score(self, items: Tensor) -> Tensor:
        """See `EncodedRows`."""
        return self.encoded.score(items) / self.temperature

    def cosines(self, items: Tensor) -> Tensor:
        """See `EncodedVectors`; an angle does not depend on the temperature."""
        return cast(EncodedVectors, self.encoded).cosines(items)

    def vectors(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """See `EncodedVectors`."""
        states, vectors = cast(EncodedVectors, self.encoded).vectors(items)
        return states / self.temperature, vectors

    def catalogue(self) -> Tensor:
        """See `EncodedRows`."""
        return self.encoded.catalogue() / self.temperature

    def select(self, rows: slice) -> "_Divided":
        """See `EncodedRows`."""
        return _Divided(self.encoded.select(rows), self.temperature)
