"""Converts half-precision tensors to full precision before long sums."""

import torch
from torch import Tensor


def full_precision(tensor: Tensor) -> Tensor:
    """Converts a tensor to 32 bits if it has fewer; sums of many small terms need them.

    Args:
        tensor: A tensor of any shape and floating-point type.

    Example:
        >>> full_precision(torch.ones(2, dtype=torch.bfloat16)).dtype
        torch.float32
        >>> full_precision(torch.ones(2, dtype=torch.float64)).dtype
        torch.float64
    """
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
