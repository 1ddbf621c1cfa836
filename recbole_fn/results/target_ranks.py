"""The rank of each test item, and the metrics of a row that follow from it; what is recommended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recbole_fn.config.key_constraints import RANKING_SEPARATOR

Floats = NDArray[np.float64]

LIST_LENGTH = 10  # items of a list of recommendations


@dataclass(frozen=True, eq=False)
class TargetRanks:
    """The ranks of the test targets of a job, one test row each, sorted by user and item.

    Files of earlier versions lack the arrays with a default, which are None then.

    Attributes:
        users: Tokens of the users, shape [rows].
        items: Tokens of the target items, shape [rows].
        ranks: Rank of each target, see `rank_of`, shape [rows].
        history_lengths: Number of items that the model is shown, shape [rows].
        popularity: Number of users who had the target in training, shape [rows].
        recommended: For each item of the catalogue, the number of top-`LIST_LENGTH` lists that
            hold it, shape [items].
        negative_percents: How many of 100 earlier interactions of the user are negative feedback,
            shape [rows]; None without kinds of feedback.
        also: The ranks in each further ranking (`fn_eval_also`), by its name; each of shape
            [rows].

    Example:
        >>> users, items = np.array(["u1", "u2"]), np.array(["i7", "i9"])
        >>> sampled = {"uni100": np.array([1, 2])}
        >>> ranks = TargetRanks(users, items, np.array([3, 40]), also=sampled)
        >>> ranks.values("recall@10").tolist(), ranks.values("recall@10/uni100").tolist()
        ([1.0, 0.0], [1.0, 1.0])
    """

    users: NDArray[np.str_]
    items: NDArray[np.str_]
    ranks: NDArray[np.int64]
    history_lengths: NDArray[np.int64] | None = None
    popularity: NDArray[np.int64] | None = None
    recommended: NDArray[np.int64] | None = None
    negative_percents: NDArray[np.int64] | None = None
    also: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "TargetRanks":
        """Loads the file of a job, and sorts its rows."""
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        recommended = arrays.pop("recommended", None)
        order = np.lexsort((arrays["items"], arrays["users"]))
        rows = {name: array[order] for name, array in arrays.items()}
        also = {name.partition("/")[2]: rows.pop(name) for name in list(rows) if "/" in name}
        return cls(**rows, recommended=recommended, also=also)

    def save(self, path: Path) -> None:
        """Writes the file of a job."""
        arrays = {name: array for name, array in vars(self).items() if array is not None}
        also = {f"ranks/{name}": ranks for name, ranks in arrays.pop("also").items()}
        np.savez_compressed(path, **arrays, **also)

    def values(self, metric: str) -> Floats | None:
        """A metric of each row, see `of_rows`; `ndcg@10/uni100` is that of a further ranking."""
        name, _, ranking = metric.partition(RANKING_SEPARATOR)
        ranks = self.also.get(ranking) if ranking else self.ranks
        return None if ranks is None else of_rows(name, ranks)

    def has_rows_of(self, other: "TargetRanks") -> bool:
        """Whether both have the same users and items, so that their rows can be paired."""
        return np.array_equal(self.users, other.users) and np.array_equal(self.items, other.items)


def recommended(scores: Tensor, length: int = LIST_LENGTH) -> Tensor:
    """The number of top lists that hold each item.

    Args:
        scores: Scores of all items, minus infinity for those that are not to be recommended,
            shape [U, items].
        length: Items of a list.

    Returns:
        The counts, shape [items].

    Example:
        >>> recommended(torch.tensor([[0.3, 0.1, 0.2], [0.3, 0.2, 0.1]]), length=2).tolist()
        [2, 1, 1]
    """
    best = torch.topk(scores, min(length, scores.shape[1]), dim=1)
    return torch.bincount(best.indices[best.values > -torch.inf], minlength=scores.shape[1])


def of_rows(metric: str, ranks: NDArray[np.int64]) -> Floats | None:
    """A metric of each row, which has one target.

    Its mean is RecBole's metric, unless scores at the end of a list are equal: RecBole leaves open
    which of these items are in the list.

    Args:
        metric: Its name in RecBole's results, such as `ndcg@10`.
        ranks: The rank of each row's target, shape [R].

    Returns:
        The values, shape [R]; None for a metric that does not follow from the ranks.

    Example:
        >>> of_rows("mrr@10", np.array([1, 2, 11])).tolist()
        [1.0, 0.5, 0.0]
    """
    name, _, cutoff = metric.partition("@")
    values = _of_hits(name, ranks.astype(np.float64))
    if values is None or not cutoff:
        return None
    length = int(cutoff) if name == "precision" else 1
    hits: Floats = np.where(ranks <= int(cutoff), values / length, 0.0)
    return hits


def _of_hits(name: str, ranks: Floats) -> Floats | None:
    if name == "ndcg":
        return np.asarray(1 / np.log2(1 + ranks))
    if name in ("mrr", "map"):
        return np.asarray(1 / ranks)
    return np.ones_like(ranks) if name in ("recall", "hit", "precision") else None
