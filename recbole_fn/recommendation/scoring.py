"""Scores of all items for whole histories, as RecBole's evaluation has them."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from recbole.data.interaction import Interaction
from recbole.data.transform import Equal, InverseItemSequence, construct_transform
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.data.item_features import item_features
from recbole_fn.data.queries import Queries
from recbole_fn.data.trimming import HistoryColumns, trimmed
from recbole_fn.evaluation.full_ranking import SCORE_BYTES, batch_rows
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.precision import full_precision
from recbole_fn.scoring.probe import allows_trimming
from recbole_fn.scoring.products import are_scores, dot_products
from recbole_fn.scoring.scorers import PredictScorer
from recbole_fn.scoring.selection import choose_scorer
from recbole_fn.scoring.with_prior import own_scores
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.recbole_types import Dataset, Model
from recbole_fn.utils.spread import spread

_PROBE_ROWS = 8
_PAIR_BYTES = 1 << 14  # of a row and an item that are scored together, about


@dataclass(frozen=True)
class Catalogue:
    """Scores all items for the rows of queries.

    Attributes:
        loaded: The model and its data.
        trims: Whether lists may be cut to the longest history of a batch.
        rows: Rows to score at once.
        scorer: Encodes rows, if their scores are dot products with the vectors of items.

    Example:
        >>> queries = loaded.queries()
        >>> Catalogue.of(loaded, queries).scores(queries, torch.arange(8)).shape
        torch.Size([8, 51])
    """

    loaded: Loaded
    trims: bool
    rows: int
    scorer: DotScorer | None = None

    @classmethod
    def of(cls, loaded: Loaded, queries: Queries) -> "Catalogue":
        """Tries on a few of the queries whether lists may be cut.

        Args:
            loaded: The model and its data.
            queries: At least one query.
        """
        on_cpu = torch.device(loaded.config["device"]).type == "cpu"
        rows = batch_rows(loaded.config["eval_batch_size"], loaded.dataset.item_num, on_cpu)
        whole, model = cls(loaded, False, rows), loaded.model
        if not isinstance(_transform(loaded), Equal):
            return whole
        probe = whole.interaction(queries, _probe(queries))
        with _mistakes(loaded), own_scores(model):
            scorer, _ = choose_scorer(model, probe, dataset=loaded.dataset)
            trims = allows_trimming(model, scorer, probe)
        if isinstance(scorer, DotScorer) and are_scores(model, scorer):
            return cls(loaded, trims, rows, scorer)
        return cls(loaded, trims, rows)

    def interaction(self, queries: Queries, index: Tensor) -> Interaction:
        """What the model gets for some queries [rows], on its device."""
        data, loaded = self.loaded.dataset, self.loaded
        rows = _transform(loaded)(data, data.join(queries.rows(index)))  # type: ignore[attr-defined]
        if self.trims:
            lists = HistoryColumns(data.config["LIST_SUFFIX"], queries.prefixes.width)
            rows = trimmed(rows, data.item_list_length_field, lists)
        return rows.to(loaded.config["device"])

    @torch.no_grad()
    def scores(self, queries: Queries, index: Tensor) -> Tensor:
        """Scores of all items, shape [rows, num_items]; column 0 is the padding's.

        Args:
            queries: The queries.
            index: Which of them, shape [rows].

        Raises:
            InputError: if the model reads what the queries do not have.
        """
        if self.scorer is not None:
            return dot_products(self.states(queries, index), self.table)
        with _mistakes(self.loaded):
            rows = self.interaction(queries, index)
            return all_scores(self.loaded.model.eval(), rows, self.loaded.dataset)

    @property
    def table(self) -> Tensor:
        """The vectors of items, where scores are dot products: shape [num_items, hidden]."""
        weight: Tensor = self.loaded.model.item_embedding.weight.detach()
        return weight[: self.loaded.dataset.item_num]

    @torch.no_grad()
    def states(self, queries: Queries, index: Tensor) -> Tensor:
        """The vectors of some queries [rows], where scores are dot products: [rows, hidden]."""
        assert self.scorer is not None
        with _mistakes(self.loaded):
            rows = self.interaction(queries, index)
            return full_precision(self.scorer.forward(self.loaded.model.eval(), rows))


def all_scores(model: Model, rows: Interaction, dataset: Dataset) -> Tensor:
    """The scores by which RecBole ranks all items, with a prior if the model has one.

    Args:
        model: The model, in evaluation mode.
        rows: Rows on its device.
        dataset: The built data set.

    Returns:
        Scores, shape [rows, num_items].

    Example:
        >>> from types import SimpleNamespace
        >>> class Fixed(torch.nn.Module):
        ...     def full_sort_predict(self, rows):
        ...         return torch.tensor([0.0, 0.1, 0.2])
        >>> dataset = SimpleNamespace(item_num=3)
        >>> all_scores(Fixed(), Interaction({"item": torch.tensor([0])}), dataset)
        tensor([[0.0000, 0.1000, 0.2000]])
    """
    try:
        scores: Tensor = model.full_sort_predict(rows)
    except NotImplementedError:
        return _by_pairs(model, rows, dataset)
    return full_precision(scores.view(len(rows), -1)[:, : dataset.item_num])


def _by_pairs(model: Model, rows: Interaction, dataset: Dataset) -> Tensor:
    """The same for a model that scores pairs of a row and an item, some items at a time."""
    target = rows[model.ITEM_ID]
    scorer = PredictScorer(model.ITEM_ID, features=item_features(dataset, target.device))
    encoded = scorer.encode(model, RowBatch(rows, target, target, target))
    each = max(1, SCORE_BYTES // (_PAIR_BYTES * len(rows)))
    parts = torch.arange(dataset.item_num, device=target.device).split(each)
    return torch.cat([encoded.score(part.expand(len(rows), -1)) for part in parts], 1)


def _probe(queries: Queries) -> Tensor:
    """The queries with the longest histories, and others spread evenly."""
    count = min(_PROBE_ROWS, len(queries))
    longest = torch.topk(queries.lengths, count).indices
    return torch.cat([longest, spread(len(queries), count)])


def _transform(loaded: Loaded) -> Equal | InverseItemSequence:
    """The transform of the run; the others but one are random, and are for training."""
    if loaded.config["transform"] == "inverse_itemseq":
        return construct_transform(loaded.config)
    return Equal(loaded.config)


def _mistakes(loaded: Loaded) -> AbstractContextManager[None]:
    # A net: a user's class may raise anything where it scores.
    return mistakes_in(f"model {loaded.config['model']!r} of {loaded.name!r}")
