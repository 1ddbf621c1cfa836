"""Logits of probabilities."""

import torch
from torch import Tensor

_SMALLEST = 1e-20  # its inverse is a factor of the gradient, and must stay finite


def probability_to_logit(probability: Tensor) -> Tensor:
    """`log p - log(1 - p)`, with finite values and gradients at 0 and 1.

    Args:
        probability: From 0 to 1, of any shape.

    Example:
        >>> probability_to_logit(torch.tensor([0.5, 0.0]))
        tensor([  0.0000, -46.0517])
    """
    largest = 1 - torch.finfo(probability.dtype).eps
    probability = probability.clamp(_SMALLEST, largest)
    return probability.log() - torch.log1p(-probability)


def item_norms(vectors: Tensor) -> Tensor:
    """The lengths of vectors, [items] for [items, hidden]; 1 for the padding's, which is zero.

    Args:
        vectors: The vectors.

    Example:
        >>> item_norms(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
        tensor([1., 5.])
    """
    squares = vectors.square().sum(-1)  # [items]
    return torch.where(squares > 0, squares, 1.0).sqrt()
