"""Draws of a sampler, and others in the place of some of them."""

from collections.abc import Callable
from dataclasses import fields, replace
from math import log
from typing import Any

from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class Redraws:
    """The draws of a batch, and more of them, as the sampler's `redraws` says.

    Args:
        sampler: The sampler that draws.
        rows: The rows.
        num: Negatives for each row.
        score: Scores items with the current model.
        tries: How often draws are replaced at most.

    Attributes:
        first: The draws, N for each row.

    Example:
        Slots 1 and 2 of a row are replaced:

        >>> import torch
        >>> class Counting(NegativeSampler):
        ...     def sample(self, rows, num, score):
        ...         return Negatives(torch.arange(1, num + 1)[None])
        >>> redraws = Redraws(Counting(None, None), None, 4, score=None, tries=1)
        >>> redraws.again(torch.tensor([[False, True, True, False]]), most=2).items
        tensor([[2, 3]])
    """

    def __init__(
        self, sampler: NegativeSampler, rows: RowBatch, num: int, score: Score, tries: int
    ) -> None:
        self._sampler, self._num = sampler, num
        self._draw: Callable[[int], Negatives] = lambda num: sampler.sample(rows, num, score)
        drawn = self._as_of_num(self._draw(num * (1 + tries) if self._has_spare else num))
        parts = drawn.items.shape[1] // num
        split = {name: tensor.split(num, 1) for name, tensor in _tensors(drawn).items()}
        # [rows, num] each
        self.first, *self._spare = (
            Negatives(**{name: tensors[part].contiguous() for name, tensors in split.items()})
            for part in range(parts)
        )

    @property
    def _has_spare(self) -> bool:
        return self._sampler.redraws == "spare"

    def again(self, false: Tensor, most: int) -> Negatives:
        """Draws for the false slots of each row: the n-th column is for the n-th of them.

        Args:
            false: The slots to replace, shape [rows, num], bool.
            most: The largest number of them in a row.

        Returns:
            The draws, shape [rows, most], with chances of as many draws as a row has slots.
        """
        if self._sampler.redraws == "few":
            return self._as_of_num(self._draw(most))
        drawn = self._spare.pop(0) if self._has_spare else self._draw(self._num)
        at = false.int().argsort(dim=1, descending=True, stable=True)[:, :most]  # [rows, most]
        return Negatives(**{name: each.gather(1, at) for name, each in _tensors(drawn).items()})

    def _as_of_num(self, drawn: Negatives) -> Negatives:
        """The draws with the chances of as many as a row has slots."""
        shift = log(self._num / drawn.items.shape[1])
        log_q = drawn.log_q
        return replace(drawn, log_q=log_q if log_q is None or shift == 0 else log_q + shift)


def _tensors(negatives: Negatives) -> dict[str, Any]:
    """The tensors of negatives by name, [rows, negatives] each; there is no mixture."""
    values = ((field.name, getattr(negatives, field.name)) for field in fields(Negatives))
    return {name: value for name, value in values if isinstance(value, Tensor)}
