"""Describes the negatives of a few rows: popularity, rank, score, and what users took later."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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

    def quantiles(self, name: str, at: tuple[float, ...] = (0.1, 0.5, 0.9)) -> list[float]:
        """Quantiles of `popularity`, `rank` or `margin` over what takes part in the loss."""
        values = getattr(self, name)[self.valid].double()
        found: list[float] = values.quantile(torch.tensor(at).to(values)).tolist()
        return found

    def shares(self) -> tuple[float, float, float]:
        """The shares above the target, and taken later, of negatives in the loss; and of these."""
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
    valid = torch.ones_like(items, dtype=torch.bool)
    if negatives.valid is not None:
        valid = negatives.valid[few]
    if negatives.labels is not None:
        valid = valid & (negatives.labels[few] == 0)
    drawn = Draws(
        users,
        targets,
        items,
        valid,
        context.popularity.to(items.device)[items],
        ranks(catalogue, items, lambda scores: context.mask_excluded(scores, users)),
        margin,
        torch.isin(numbers, later.to(items.device)),
    )
    return replace(drawn, **{name: value.cpu() for name, value in vars(drawn).items()})


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
