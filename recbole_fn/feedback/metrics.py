"""Metrics of held-out liked and disliked items, and how many users can be served."""

from collections.abc import Sequence

import torch
from torch import Tensor


def rank_metrics(liked: Tensor, disliked: Tensor, topk: Sequence[int]) -> dict[str, float]:
    """Hit rate and NDCG of disliked items, for which lower is better, and those of liked ones less.

    Args:
        liked: Ranks of the targets, shape [rows].
        disliked: Ranks of negative held-out items, at least one, shape [disliked].
        topk: The cut-offs.

    Returns:
        `negative_hit@k`, `negative_ndcg@k`, `hit_difference@k` and `ndcg_difference@k` by name.

    Example:
        >>> found = rank_metrics(torch.tensor([1, 4]), torch.tensor([3, 9]), [3])
        >>> found["negative_hit@3"], found["negative_ndcg@3"], found["hit_difference@3"]
        (0.5, 0.25, 0.0)
    """
    found: dict[str, float] = {}
    for name, gain in (("hit", _hit), ("ndcg", _ndcg)):
        for k in topk:
            negative = gain(disliked, k).mean().item()
            found[f"negative_{name}@{k}"] = negative
            found[f"{name}_difference@{k}"] = gain(liked, k).mean().item() - negative
    return found


def liked_above_disliked(liked: Tensor, disliked: Tensor) -> float:
    """How often a held-out liked item scores above a held-out disliked one of the same row.

    The accuracy of "Negative Feedback for Music Personalization" (UMAP 2024, arXiv 2406.04488);
    equal scores count half.

    Args:
        liked: The score of the target of each pair, shape [pairs].
        disliked: The score of the disliked item of each pair, shape [pairs].

    Example:
        >>> liked_above_disliked(torch.tensor([2.0, 2.0]), torch.tensor([1.0, 2.0]))
        0.75
    """
    return ((liked > disliked).double() + (liked == disliked).double() / 2).mean().item()


def user_coverage(readers: Tensor, num_users: int) -> float:
    """The share of users with a history to recommend from.

    Skips as inputs raise it: a user with negative feedback alone has a history then.

    Args:
        readers: The user of each interaction that models read, shape [read].
        num_users: Number of users, the padding id included.

    Example:
        >>> user_coverage(torch.tensor([1, 1, 3]), num_users=5)
        0.5
    """
    return len(readers.unique()) / (num_users - 1)


def _hit(rank: Tensor, k: int) -> Tensor:
    return (rank <= k).double()


def _ndcg(rank: Tensor, k: int) -> Tensor:
    return _hit(rank, k) / torch.log2(rank.double() + 1)
