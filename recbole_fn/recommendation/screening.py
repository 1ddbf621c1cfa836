"""The highest dot products of a large catalogue: found in 16 bits, ranked in 32, and exact.

A product in 16 bits differs from the exact one by a known bound. Items that are further below the
k-th best than twice the bound cannot be among the k best; the few others are scored again. A CPU
with instructions for bfloat16 takes a quarter of the time of the whole product in 32 bits.
"""

import torch
from torch import Tensor

from recbole_fn.evaluation.top_k import top_k

_BLOCK = 16  # items whose maximum is compared first
_COARSE = 4  # blocks in a block of those from which the k-th best is bounded
_TILE = 1 << 13  # items whose products with all rows fit into a CPU's caches
_MOST = 2048  # candidates of a row, on average, with which scoring them again still pays
# Both factors and the product are rounded by at most 2 ** -8 each; the rest is for the sum.
ERROR = 3.5 * 2.0**-8  # of a product of vectors of length 1


class ScreenedTable:
    """Item vectors in 16 and in 32 bits.

    Args:
        table: The vectors, shape [num_items, hidden], float32.

    Example:
        >>> table = ScreenedTable(torch.eye(4))
        >>> table.best(torch.tensor([[0.0, 0.1, 0.2, 0.3]]), k=2, dropped=torch.tensor([0]),
        ...            excluded=(torch.tensor([0]), torch.tensor([3])))
        (tensor([[0.2000, 0.1000]]), tensor([[2, 1]]))
    """

    def __init__(self, table: Tensor) -> None:
        self.table, self.rounded = table, table.bfloat16()
        self.longest = float(torch.linalg.vector_norm(table, dim=1).max())
        self._buffer = self.rounded.new_empty(0)  # of products: new memory costs as much as they

    def best(
        self, states: Tensor, k: int, dropped: Tensor, excluded: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """The items with the k highest products of each row; of equal ones the lowest id first.

        Args:
            states: The rows' vectors, shape [rows, hidden], float32.
            k: Items of each row.
            dropped: Items that no row may have, ascending, shape [dropped].
            excluded: Rows and items that are left out, each of shape [excluded].

        Returns:
            Products and items, each of shape [rows, k]; -inf where no item is left.
        """
        k = min(k, len(self.table))
        rough, maxima = self._rough(states, dropped, excluded)
        near = _nearest(rough, maxima, k, 2 * self._bound(states))
        if near is None:
            scores = (states @ self.table.t()).masked_fill_(
                (rough[: len(self.table)] == -torch.inf).t(), -torch.inf
            )
            return top_k(scores, k)
        rows, items = near
        exact = (self.table[items] * states[rows]).sum(1)
        return _best_of(exact, rows, items, len(states), k)

    def _bound(self, states: Tensor) -> Tensor:
        """How much a rough product of each row differs from the exact one at most, [rows]."""
        lengths: Tensor = torch.linalg.vector_norm(states, dim=1)
        return ERROR * self.longest * lengths

    def _rough(
        self, states: Tensor, dropped: Tensor, excluded: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Products in 16 bits, [items up to whole blocks, rows], and maxima, [blocks, rows].

        What is left out is -inf.
        """
        rough, vectors = self._space(len(states)), states.bfloat16().t()
        rough[len(self.table) :] = -torch.inf
        maxima = rough.new_empty(len(rough) // _BLOCK, len(states))
        for begin in range(0, len(rough), _TILE):
            end = min(begin + _TILE, len(rough))
            tile, factors = rough[begin:end], self.rounded[begin:end]
            torch.mm(factors, vectors, out=tile[: len(factors)])
            inside = torch.searchsorted(dropped, torch.tensor([begin, end])).tolist()
            tile[dropped[slice(*inside)] - begin] = -torch.inf
            # While the products are in the caches:
            maxima[begin // _BLOCK : end // _BLOCK] = _block_maxima(tile)
        _leave_out(rough, maxima, *excluded)
        return rough, maxima

    def _space(self, rows: int) -> Tensor:
        each = _BLOCK * _COARSE
        size = -(-len(self.table) // each) * each
        if len(self._buffer) < size * rows:
            self._buffer = self.rounded.new_empty(size * rows)
        return self._buffer[: size * rows].view(size, rows)


def _block_maxima(rough: Tensor) -> Tensor:
    """The maximum of each block, [blocks, rows]; `amax` takes 5 times as long for 83 rows."""
    left = rough.view(-1, _BLOCK, rough.shape[1])
    while left.shape[1] > 1:
        half = left.shape[1] // 2
        left = torch.maximum(left[:, :half], left[:, half:])
    return left.squeeze(1)


def _leave_out(rough: Tensor, maxima: Tensor, rows: Tensor, items: Tensor) -> None:
    """Sets products of rows and items, each of shape [excluded], to -inf, and their maxima anew."""
    rough[items, rows] = -torch.inf
    block = torch.div(items, _BLOCK, rounding_mode="floor")
    place = block.unsqueeze(1) * _BLOCK + torch.arange(_BLOCK)  # [excluded, _BLOCK]
    maxima[block, rows] = rough[place, rows.unsqueeze(1)].amax(1)


def _nearest(rough: Tensor, fine: Tensor, k: int, slack: Tensor) -> tuple[Tensor, Tensor] | None:
    """Items that may be among the k best: all but those that are too far below the k-th.

    Args:
        rough: Products in 16 bits, shape [items, rows].
        fine: The maximum of each block of them, shape [blocks, rows].
        k: Items of each row.
        slack: How far below the k-th best an item may be, shape [rows].

    Returns:
        Row and item of each, ascending, each of shape [candidates]; None if they are too many.
    """
    rows = rough.shape[1]
    coarse = fine.view(-1, _COARSE, rows).amax(1).t().float()  # [rows, coarse blocks]
    least = coarse.new_full((rows,), torch.finfo().min)
    if coarse.shape[1] >= k:
        # The k highest maxima are k items, so the k-th best item is at least the k-th of them.
        least = (coarse.topk(k).values[:, -1] - slack).clamp_min(torch.finfo().min)
    row, block = (fine.t().float() >= least.unsqueeze(1)).nonzero(as_tuple=True)
    if len(block) * _BLOCK > 4 * _MOST * rows:
        return None
    place = block.unsqueeze(1) * _BLOCK + torch.arange(_BLOCK)  # [chosen blocks, _BLOCK]
    values = rough.view(-1)[place * rows + row.unsqueeze(1)].float()
    chosen, within = (values >= least[row].unsqueeze(1)).nonzero(as_tuple=True)
    if len(chosen) > _MOST * rows:
        return None
    return row[chosen], place[chosen, within]


def _best_of(
    scores: Tensor, rows: Tensor, items: Tensor, num_rows: int, k: int
) -> tuple[Tensor, Tensor]:
    """The k best of each row's candidates, which ascend by row and item; each [rows, k]."""
    counts = torch.bincount(rows, minlength=num_rows)
    width = max(k, int(counts.max()))
    place = torch.arange(len(rows)) - (counts.cumsum(0) - counts)[rows]  # within its row
    padded = scores.new_full((num_rows, width), -torch.inf)
    padded[rows, place] = scores
    ids = items.new_zeros(num_rows, width)
    ids[rows, place] = items
    values, best = top_k(padded, k)
    return values, ids.gather(1, best)


def is_worth_it(num_items: int) -> bool:
    """Whether the catalogue is large, and the CPU multiplies bfloat16 by itself.

    Example:
        >>> is_worth_it(100)
        False
    """
    supported = torch.ops.mkldnn._is_mkldnn_bf16_supported  # noqa: SLF001  no public name
    return num_items >= 1 << 13 and bool(supported())
