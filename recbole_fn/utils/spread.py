"""Places spread evenly over rows."""

import torch
from torch import Tensor


def spread(size: int, num: int) -> Tensor:
    """Some of the places from 0 to `size - 1`, the first and the last included.

    Computed in 64 bits: 32 bits round the last of more than 16 million places to `size`.

    Args:
        size: Number of rows, at least 1.
        num: The most places.

    Returns:
        The places, ascending, shape [min(num, size)], int64.

    Example:
        >>> spread(27_000_000, 3)
        tensor([       0, 13499999, 26999999])
    """
    return torch.linspace(0, size - 1, min(num, size), dtype=torch.float64).long()
