"""Half precision: sums in full precision, and weights that are cast anew."""

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def casting_anew() -> Iterator[None]:
    """Within the context, autocast casts weights anew and keeps no cast for later.

    It keeps the casts of a step by parameter. So it would hand out those of other weights that
    have been under the same parameters before, and in torch before 2.10 also casts made without
    gradient to those who need one.

    Example:
        >>> weight = torch.nn.Parameter(torch.ones(1, 1))
        >>> with torch.autocast("cpu"), torch.no_grad():
        ...     before = torch.mm(weight, weight)  # keeps a cast of 1
        ...     weight.data = torch.full((1, 1), 3.0)
        ...     kept = torch.mm(weight, weight)
        ...     with casting_anew():
        ...         anew = torch.mm(weight, weight)
        >>> kept.item(), anew.item()
        (1.0, 9.0)
    """
    was_enabled = torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(False)
    try:
        yield
    finally:
        torch.set_autocast_cache_enabled(was_enabled)
