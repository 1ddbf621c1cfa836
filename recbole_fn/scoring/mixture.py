"""Scores of negatives that are mixtures of the target and an item."""

import torch
from torch import Tensor


def mixed_with_target(logits: Tensor, share: Tensor | None) -> Tensor:
    """Scores of negatives that are mixed with their row's target.

    A score is a dot product, so the score of a mixture of vectors is the mixture of their scores
    (MixGCF, KDD 2021, equation 6). A mixture is above the target exactly if its item is.

    Args:
        logits: Scores of the target and the items, shape [M, 1 + N].
        share: The target's share of each negative, shape [M, N]; None for no mixture.

    Returns:
        Scores of the target and the mixtures, shape [M, 1 + N].

    Example:
        >>> mixed_with_target(torch.tensor([[4.0, 2.0, 0.0]]), torch.tensor([[0.5, 0.25]]))
        tensor([[4., 3., 1.]])
    """
    if share is None:
        return logits
    target, items = logits[:, :1], logits[:, 1:]
    mixtures = torch.lerp(items, target.expand_as(items), share.to(logits))
    return torch.cat([target, mixtures], dim=1)
