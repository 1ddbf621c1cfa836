"""Negatives that are mixtures of the vectors of the target and an item."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, cast

import torch
from torch import Tensor

from recbole_fn.scoring.dimension_mixing import mixed_by_dimension
from recbole_fn.scoring.scorers import EncodedRows, EncodedVectors


class Mixture(Protocol):
    """How a row's target is mixed into the negatives of M rows, N each.

    Examples:
        `TargetShare` is one, which a sampler returns in its `Negatives`:

        >>> mixture: Mixture = TargetShare(torch.tensor([[0.5, 0.25]]))
        >>> mixture.keeps_order
        True
    """

    keeps_order: ClassVar[bool]
    """Whether a mixture is above the target exactly if its item is."""

    def logits(self, encoded: EncodedRows, candidates: Tensor) -> Tensor:
        """Scores of the target and the mixtures, shape [M, 1 + N].

        Args:
            encoded: The rows.
            candidates: The target and the items, shape [M, 1 + N].
        """
        ...

    def without(self, slots: Tensor) -> "Mixture":
        """The same, but for some slots, shape [M, N], bool, that hold plain items."""
        ...

    def of(self, rows: Callable[[Tensor], Tensor]) -> "Mixture":
        """The mixtures of some rows, which `rows` selects: [M, ...] -> [m, ...]."""
        ...


@dataclass(frozen=True)
class TargetShare:
    """A share of the target in each negative: `share * target + (1 - share) * item`.

    A score is a dot product, so a mixture's score is the mixture of two scores, and no vector is
    needed (Huang et al., MixGCF, KDD 2021, equation 6).

    Attributes:
        share: From 0 (the item alone) to 1 (the target), shape [M, N].

    Example:
        >>> share = TargetShare(torch.tensor([[0.5, 0.25]]))
        >>> class Encoded:
        ...     def score(self, items):
        ...         return items.float()
        >>> share.logits(Encoded(), torch.tensor([[4, 2, 0]]))
        tensor([[4., 3., 1.]])
    """

    share: Tensor
    keeps_order: ClassVar[bool] = True

    def logits(self, encoded: EncodedRows, candidates: Tensor) -> Tensor:
        """See `Mixture`."""
        logits = encoded.score(candidates)  # [M, 1 + N]
        target, items = logits[:, :1], logits[:, 1:]
        mixtures = torch.lerp(items, target.expand_as(items), self.share.to(logits))
        return torch.cat([target, mixtures], dim=1)

    def without(self, slots: Tensor) -> "TargetShare":
        """See `Mixture`."""
        return TargetShare(self.share.masked_fill(slots, 0.0))

    def of(self, rows: Callable[[Tensor], Tensor]) -> "TargetShare":
        """See `Mixture`."""
        return TargetShare(rows(self.share))


@dataclass(frozen=True)
class DimensionMixture:
    """A share of the target in each dimension of each negative, by what the dimension scores.

    Wu et al., DINS, CIKM 2023 (arXiv 2306.15905), dimension independent mixup; the formula is that
    of `mixed_by_dimension`. The target enters where it scores higher than the item. The share has
    a gradient.

    Attributes:
        alpha: How strongly the target is favoured, above 0.
        plain: Which slots hold items that are not mixed, shape [M, N], bool.

    Example:
        A negative that is orthogonal to the target, from which it takes the first dimension:

        >>> mixture = DimensionMixture(alpha=1.0, plain=torch.tensor([[False]]))
        >>> class Encoded:
        ...     def vectors(self, items):
        ...         return torch.tensor([[1.0, 1.0]]), torch.tensor([[[9.0, 0.0], [0.0, 9.0]]])
        >>> mixture.logits(Encoded(), torch.tensor([[4, 2]])).round()
        tensor([[ 9., 18.]])
    """

    alpha: float
    plain: Tensor
    keeps_order: ClassVar[bool] = False

    def logits(self, encoded: EncodedRows, candidates: Tensor) -> Tensor:
        """See `Mixture`; takes M * (1 + N) vectors at once."""
        states, vectors = cast(EncodedVectors, encoded).vectors(candidates)
        return mixed_by_dimension(states, vectors, self.plain, self.alpha)

    def without(self, slots: Tensor) -> "DimensionMixture":
        """See `Mixture`."""
        return replace(self, plain=self.plain | slots)

    def of(self, rows: Callable[[Tensor], Tensor]) -> "DimensionMixture":
        """See `Mixture`."""
        return replace(self, plain=rows(self.plain))


def own_scores_of(
    encoded: EncodedRows, candidates: Tensor, mixture: Mixture | None, ranked: bool
) -> Tensor | None:
    """The candidates' own scores, without gradient, where mixtures may be in another order.

    Each item has a share of its own of the target, so mixtures never have the items' order among
    each other.

    Args:
        encoded: The rows.
        candidates: The target and the items, shape [M, 1 + N].
        mixture: How they are mixed; None if they are not.
        ranked: Whether items are compared with each other, and not with the target alone.

    Returns:
        The scores, shape [M, 1 + N]; None if the mixtures' scores have the order that is needed.

    Example:
        >>> mixture = TargetShare(torch.tensor([[0.5]]))
        >>> own_scores_of(None, torch.tensor([[4, 2]]), mixture, ranked=False)
    """
    if mixture is None or (mixture.keeps_order and not ranked):
        return None
    return encoded.score(candidates).detach()


def scores_of(encoded: EncodedRows, candidates: Tensor, mixture: Mixture | None) -> Tensor:
    """Scores of candidates, into which targets may be mixed, shape [M, 1 + N].

    Args:
        encoded: The rows.
        candidates: The target and the items, shape [M, 1 + N].
        mixture: How they are mixed; None if they are not.

    Example:
        >>> from types import SimpleNamespace
        >>> encoded = SimpleNamespace(score=lambda items: items.float())
        >>> scores_of(encoded, torch.tensor([[4, 2]]), mixture=None)
        tensor([[4., 2.]])
    """
    return encoded.score(candidates) if mixture is None else mixture.logits(encoded, candidates)
