"""The highest scores of each row, with ties in the order of item ids."""

import torch
from torch import Tensor

_BLOCK = 64  # scores whose maximum is compared first: 4 times as fast as `torch.topk` of all


def top_k(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k highest scores of each row, descending; of equal ones the lowest item id first.

    `torch.topk` leaves open which of equal scores it takes, and in which order.

    Args:
        scores: Scores of the items 0, 1, ..., shape [rows, items]; -inf for an item that takes no
            part.
        k: Items of each row; fewer if there are fewer columns.

    Returns:
        The scores and the items, each of shape [rows, k].

    Example:
        >>> top_k(torch.tensor([[0.5, 2.0, 0.5, 0.5]]), k=3)
        (tensor([[2.0000, 0.5000, 0.5000]]), tensor([[1, 0, 2]]))
    """
    k = min(k, scores.shape[1])
    values, items = highest(scores, min(k + 1, scores.shape[1]))
    if values.shape[1] > k:
        # A tie at the end: which of these items take part is open, so all scores are sorted.
        is_tied = (values[:, k - 1] == values[:, k]) & (values[:, k] > -torch.inf)
        values, items = values[:, :k].contiguous(), items[:, :k].contiguous()
        tied = is_tied.nonzero().squeeze(1)
        for row in tied.tolist():
            best, order = torch.sort(scores[row], descending=True, stable=True)
            values[row], items[row] = best[:k], order[:k]
    items, order = items.sort(1)
    values, order = values.gather(1, order).sort(dim=1, descending=True, stable=True)
    return values, items.gather(1, order)


def highest(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k highest scores of each row and their items, descending; the order of ties is open.

    The k blocks with the highest maxima hold them: every other score is at most the lowest of
    these k maxima.

    Args:
        scores: Scores, shape [rows, items].
        k: Items of each row, at most as many as there are columns.

    Returns:
        The scores and the items, each of shape [rows, k]; of few items those of `torch.topk`.

    Example:
        >>> values, items = highest(torch.tensor([[0.5, 2.0, 0.7, 0.1]]), k=2)
        >>> items
        tensor([[1, 2]])
    """
    rows, items = scores.shape
    blocks = items // _BLOCK
    if blocks < 4 * k:
        return scores.topk(k)  # type: ignore[return-value]
    body = scores[:, : blocks * _BLOCK].unflatten(1, (blocks, _BLOCK))
    chosen = body.amax(2).topk(k).indices  # [rows, k]
    within = torch.arange(_BLOCK, device=scores.device)
    columns = (chosen.unsqueeze(2) * _BLOCK + within).view(rows, -1)  # [rows, k * _BLOCK]
    rest = torch.arange(blocks * _BLOCK, items, device=scores.device)
    columns = torch.cat([columns, rest.expand(rows, -1)], 1)
    values, place = scores.gather(1, columns).topk(k)
    return values, columns.gather(1, place)
