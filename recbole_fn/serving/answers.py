"""Answers questions for recommendations, several at once, with what was prepared once."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

import torch
from torch import Tensor

from recbole_fn.data.queries import Queries
from recbole_fn.data.whole_histories import queries_of_items
from recbole_fn.recommendation.loading import Loaded
from recbole_fn.recommendation.ranking import Ranker, dropped_items

_PROBES = 8  # histories on which the way of scoring is tried


@dataclass(frozen=True)
class Question:
    """A history to continue.

    Attributes:
        history: Items, the latest last.
        k: Items to recommend.
        without_history: Whether the items of the history are left out.

    Example:
        >>> Question(["lamp", "book"], k=3).without_history
        True
    """

    history: Sequence[str]
    k: int = 10
    without_history: bool = True


@dataclass(frozen=True)
class Answer:
    """The items that continue a history.

    Attributes:
        items: The items, the best first.
        scores: The score of each.
        unknown: Items of the history that the data set does not have.
        popular: Whether these are the most popular items, because the history has no known item.

    Example:
        >>> Answer(["pen"], [0.5], unknown=[], popular=False).items
        ['pen']
    """

    items: list[str]
    scores: list[float]
    unknown: list[str]
    popular: bool


class Answers:
    """Answers a batch of questions as `recommend` would answer each.

    Args:
        loaded: The model and its data.

    Raises:
        InputError: if the model cannot score a history of items alone.

    Example:
        >>> answers = Answers(loaded)
        >>> one, other = answers([Question(["i7"]), Question(["i8", "lamp"], k=3)])
        >>> len(one.items), len(other.items), other.unknown
        (10, 3, ['lamp'])
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.tokens = loaded.item_tokens
        self.ids = {str(token): number for number, token in enumerate(self.tokens) if number}
        self.names = sorted(self.ids)
        most = loaded.dataset.fn_prefixes.width
        items = list(self.ids.values())[:most]
        probe = [items[: 1 + n * len(items) // _PROBES] for n in range(_PROBES + 1)]
        self.ranker = Ranker(loaded, self._queries(probe))
        self([Question(self.names[:2], k=1)])  # what cannot work fails before anyone asks

    def __call__(self, questions: Sequence[Question]) -> list[Answer]:
        """Answers in the order of the questions.

        Args:
            questions: At least one question.
        """
        histories = [[self.ids.get(item, 0) for item in one.history] for one in questions]
        queries = self._queries([[item for item in ids if item] for ids in histories])
        k = min(max(one.k for one in questions), len(self.ids))
        part = torch.arange(len(questions))
        values, items = torch.empty(len(part), k), torch.empty(len(part), k, dtype=torch.long)
        left_out = _Histories(queries, torch.tensor([one.without_history for one in questions]))
        for rows in self.ranker.batches(queries, part):
            best = self.ranker.best(queries, rows, k, dropped_items(None), [left_out.queries])
            values[rows], items[rows] = best
        return [
            self._answer(one, ids, values[row, : one.k], items[row, : one.k])
            for row, (one, ids) in enumerate(zip(questions, histories, strict=True))
        ]

    def beginning_with(self, text: str, most: int) -> list[str]:
        """The first items whose names begin with a text, in the order of letters.

        Args:
            text: The beginning.
            most: How many items at most.
        """
        place = bisect_left(self.names, text)
        near = islice(self.names, place, place + most)
        return list(takewhile(lambda name: name.startswith(text), near))

    def _queries(self, histories: Sequence[Sequence[int]]) -> Queries:
        sizes = torch.tensor([len(one) for one in histories])
        items = torch.tensor([item for one in histories for item in one], dtype=torch.long)
        return queries_of_items(self.loaded.dataset, torch.zeros_like(sizes), sizes, items)

    def _answer(self, question: Question, ids: list[int], values: Tensor, items: Tensor) -> Answer:
        left = values > -torch.inf
        unknown = [name for name, number in zip(question.history, ids, strict=True) if not number]
        names = [str(token) for token in self.tokens[items[left].numpy()]]
        return Answer(names, values[left].tolist(), unknown, popular=not any(ids))


@dataclass(frozen=True)
class _Histories:
    """The items of those histories that are left out."""

    whole: Queries
    left_out: Tensor

    @property
    def queries(self) -> Queries:
        """The histories, those that are not left out as empty ones."""
        ends = torch.where(self.left_out, self.whole.ends, self.whole.starts)
        return replace(self.whole, ends=ends)
