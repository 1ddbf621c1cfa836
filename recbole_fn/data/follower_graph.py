"""Counts of followers in operations that an ONNX graph can hold for any number of rows."""

import torch
from torch import Tensor


def after_in_graph(pairs: tuple[Tensor, Tensor, Tensor], last: Tensor, decay: float) -> Tensor:
    """How often items came after a row's last items, for users that training does not know.

    No size of an intermediate tensor is a number of the example from which a graph is traced. So
    the owner of a pair comes from a running sum, for which ONNX has an operation, and not from
    `repeat_interleave`, for which it has none.

    Args:
        pairs: `starts`, `followers` and `counts` of `FollowerCounts`.
        last: The last items of each row, newest first, 0 for none, shape [rows, depth].
        decay: The factor by which an item's weight falls with each step back.

    Returns:
        `sum_d decay^d * C[last_d, i]` for each item i, shape [rows, num_items].

    Example:
        >>> pairs = torch.tensor([0, 0, 1, 1]), torch.tensor([2]), torch.tensor([5])  # 2 after 1
        >>> after_in_graph(pairs, last=torch.tensor([[1, 1], [2, 0]]), decay=0.5)
        tensor([[0.0000, 0.0000, 7.5000],
                [0.0000, 0.0000, 0.0000]])
    """
    starts, followers, counts = pairs
    items, depth, num_items = last.reshape(-1), last.shape[1], len(starts) - 1
    begins = starts[items]  # [rows * depth]
    sizes = starts[items + 1] - begins
    firsts = sizes.cumsum(0) - sizes  # where the pairs of each begin below, [rows * depth]
    # torch takes a tensor for a size, which a trace keeps, though its types do not say so.
    bounds = torch.arange(sizes.sum() + 1, device=last.device)  # type: ignore[call-overload]
    begun = torch.zeros_like(bounds).scatter_add(0, firsts, torch.ones_like(firsts)).cumsum(0)
    owner, place = begun[:-1] - 1, bounds[:-1]  # [pairs] each
    at = begins[owner] + place - firsts[owner]
    weights = decay ** torch.arange(depth, device=last.device)
    weighted = weights.float()[owner % depth] * counts[at]
    rows = torch.zeros_like(last[:, :1].expand(-1, num_items), dtype=torch.float32)
    to = owner // depth * num_items + followers[at]
    return rows.reshape(-1).scatter_add(0, to, weighted).view(-1, num_items)
