"""Numbers of mixed precision, made ready for sums of many terms."""

import torch
from torch import Tensor


def full_precision(tensor: Tensor) -> Tensor:
    """The tensor in 32 bits where it has fewer; a sum of many small terms needs them.

    Args:
        tensor: Of any shape and floating type.

    Example:
        >>> full_precision(torch.ones(2, dtype=torch.bfloat16)).dtype
        torch.float32
        >>> full_precision(torch.ones(2, dtype=torch.float64)).dtype
        torch.float64
    """
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
