"""Describes the negatives of a few rows: popularity, rank, score, and what users took later."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, Score
from recbole_fn.negatives.context import SamplerContext

ROWS = 64  # of a step that are described
_CHUNK = 1000  # items that are scored at a time


@dataclass(frozen=True)
class Draws:
    """The negatives of some rows of one step.

    Attributes:
        users: User ids, shape [rows].
        targets: Target items, shape [rows].
        items: The negatives, shape [rows, negatives].
        valid: Which of them take part in the loss as negatives, shape [rows, negatives], bool;
            those that a sampler gives a label above 0 are positives in part.
        popularity: How often each is a target of training, shape [rows, negatives].
        rank: Its place among the items that the row may draw, 1 for the highest score, shape
            [rows, negatives].
        margin: Its score minus that of the target, shape [rows, negatives].
        later: Whether the user has it in validation or test, shape [rows, negatives], bool.
        is_mixed: Whether the target is mixed into them; rank and margin are those of the items.
        is_weighted: Whether they count with weights in the loss, which nothing here shows.

    Example:
        Half of the negatives of a row that take part are above its target:

        >>> row, two = torch.tensor([1]), torch.tensor([[4, 9]])
        >>> both, margin = two > 0, torch.tensor([[0.5, -0.5]])
        >>> Draws(row, row, two, both, two, two, margin, ~both).shares()
        (0.5, 0.0, 1.0)
    """

    users: Tensor
    targets: Tensor
    items: Tensor
    valid: Tensor
    popularity: Tensor
    rank: Tensor
    margin: Tensor
    later: Tensor
    is_mixed: bool = False
    is_weighted: bool = False

    def quantiles(self, name: str, at: tuple[float, ...] = (0.1, 0.5, 0.9)) -> list[float]:
        """Quantiles of `popularity`, `rank` or `margin` over what is in the loss, or NaN."""
        values = getattr(self, name)[self.valid].double()
        if not len(values):
            return [math.nan] * len(at)
        found: list[float] = values.quantile(torch.tensor(at).to(values)).tolist()
        return found

    def shares(self) -> tuple[float, float, float]:
        """The shares above the target, and taken later, of negatives in the loss; and of these.

        Without a negative in the loss, the first two are NaN.
        """
        above, later = (mask[self.valid].double().mean() for mask in (self.margin > 0, self.later))
        return above.item(), later.item(), self.valid.double().mean().item()


def describe(
    context: SamplerContext, rows: RowBatch, negatives: Negatives, score: Score, later: Tensor
) -> Draws:
    """Describes the negatives of the first rows of a step.

    Args:
        context: The run.
        rows: The rows.
        negatives: What a sampler drew for them.
        score: Scores items with the current model.
        later: `user * num_items + item` of all that users have in validation or test, ascending.

    Example:
        `Watch` calls it:

        >>> sampler, scorer = run.trainer.fn_step.sampler, run.trainer.fn_step.scorer
        >>> negatives, score = sampler.sample(rows, 5, None), scorer.encode(run.model, rows).score
        >>> describe(context, rows, negatives, score, later=torch.arange(0)).rank.shape
        torch.Size([8, 5])
    """
    catalogue = _catalogue(context, len(rows.rows), score, rows.targets.device)  # [few, num_items]
    few = slice(0, ROWS)
    users, targets, items = rows.users[few], rows.targets[few], negatives.items[few]
    margin = catalogue.gather(1, items) - catalogue.gather(1, targets.unsqueeze(1))
    numbers = users.unsqueeze(1) * context.num_items + items
    drawn = Draws(
        users,
        targets,
        items,
        _in_loss(negatives)[few],
        context.popularity.to(items.device)[items],
        ranks(catalogue, items, lambda scores: _mask_not_drawn(context, scores, users, targets)),
        margin,
        torch.isin(numbers, later.to(items.device)),
        negatives.mixture is not None,
        negatives.weights is not None,
    )
    found = vars(drawn).items()
    tensors: dict[str, Any] = {name: one.cpu() for name, one in found if isinstance(one, Tensor)}
    return replace(drawn, **tensors)


def _in_loss(negatives: Negatives) -> Tensor:
    """Which of the items take part in the loss as negatives, [rows, negatives], bool."""
    valid = torch.ones_like(negatives.items, dtype=torch.bool)
    if negatives.valid is not None:
        valid = negatives.valid
    return valid if negatives.labels is None else valid & (negatives.labels == 0)


def _mask_not_drawn(
    context: SamplerContext, scores: Tensor, users: Tensor, targets: Tensor
) -> None:
    """Sets the scores of items that a row may not draw to -inf, [rows, num_items], in place."""
    context.mask_excluded(scores, users)  # with `fn_neg_exclude: target`, nothing
    scores.scatter_(1, targets.unsqueeze(1), -torch.inf)


def ranks(scores: Tensor, items: Tensor, mask: Callable[[Tensor], None]) -> Tensor:
    """The places of items among those that are left, 1 for the highest score.

    Args:
        scores: Scores of all items; that of the padding is -inf, shape [rows, num_items].
        items: Item ids, shape [rows, items].
        mask: Sets scores of items that are left out to -inf, in place.

    Example:
        Without item 3, item 1 has the second place:

        >>> def leave_out(scores):
        ...     scores[:, 3] = -torch.inf
        >>> scores = torch.tensor([[-torch.inf, 1.0, 2.0, 3.0, 0.0]])
        >>> ranks(scores, torch.tensor([[1, 2, 4]]), leave_out)
        tensor([[2, 1, 3]])
    """
    own, others = scores.gather(1, items), scores.clone()
    mask(others)
    ordered = others.neg().sort(dim=1).values.contiguous()
    return 1 + torch.searchsorted(ordered, own.neg().contiguous())


def _catalogue(
    context: SamplerContext, num_rows: int, score: Score, device: torch.device
) -> Tensor:
    """The scores of all items for the first rows, [few, num_items]; that of the padding is -inf."""
    items = torch.arange(1, context.num_items, device=device)
    parts = [score(part.expand(num_rows, -1))[:ROWS] for part in items.split(_CHUNK)]
    scores = torch.cat(parts, dim=1).float()
    return torch.cat([scores.new_full((len(scores), 1), -torch.inf), scores], dim=1)
