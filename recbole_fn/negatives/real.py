"""Real negatives in some slots, and another sampler's draws in the rest."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.feedback.real_negatives import RealNegatives
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.drawing import in_fewer_draws
from recbole_fn.negatives.duplicates import RepeatFinder
from recbole_fn.negatives.wrapping import WrappingSampler


@dataclass(frozen=True)
class _Filled(Negatives):
    """Negatives with real ones among them, and the draws before these came in."""

    before: Negatives | None = None


class RealNegativeSampler(WrappingSampler):
    """Puts at most K real negatives of a row into its slots; another sampler fills the rest.

    They lie in the last slots that the other sampler has not labelled as positive in part. A row
    has the same real negatives in each visit (`RealNegatives.of_rows`). A draw that repeats one of
    them is masked. A real negative that is drawn is a negative like any other, and never
    labelled as a positive. Negative feedback as targets of a loss follows "Negative Feedback for
    Music Personalization" (UMAP 2024, arXiv 2406.04488), which has it instead of random negatives.

    Args:
        context: The run.
        inner: The sampler that fills the other slots.
        real: The real negatives of the training rows.
        most: K, `fn_real_negatives`.
        weight: `fn_real_negative_weight`.
        in_slots: Whether real negatives fill slots. If not, the loss has a term for them, and
            draws that repeat one of the row's are masked all the same.

    Example:
        `make_sampler` wraps the sampler of a run with `fn_feedback_targets: negative`:

        >>> loader = feedback_run.trainer.fn_prepare(feedback_run.train_data)
        >>> sampler = feedback_run.trainer.fn_step.sampler
        >>> type(sampler).__name__, sampler.inner.name
        ('RealNegativeSampler', 'uniform')
        >>> sampler.real.of_rows(torch.arange(3), most=2)  # of three rows, 0 where there are fewer
        tensor([[ 0,  0],
                [49,  6],
                [ 6, 49]])
    """

    def __init__(
        self,
        context: SamplerContext,
        inner: NegativeSampler,
        real: RealNegatives,
        most: int,
        weight: float,
        in_slots: bool = True,
    ) -> None:
        super().__init__(context, inner.args, inner)
        self.real, self.most, self.weight, self.in_slots = real, most, weight, in_slots
        self._known = self.real.pairs(context.num_users, context.num_items)
        self._find_repeats = RepeatFinder()

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Takes the real negatives of each row and draws the rest of `num` items."""
        drawn = self.inner.sample(rows, num, score)
        nearest = self._nearest(rows, num)  # [rows, K]
        place = torch.full_like(drawn.items, -1)  # [rows, num]
        if self.in_slots:
            place = _places(drawn, nearest)
        is_real = place >= 0
        items = torch.where(is_real, nearest.gather(1, place.clamp_min(0)), drawn.items)
        among = self._is_among(items, nearest)  # real negatives, and draws that repeat one
        valid = is_real | ~among  # [rows, num]
        if drawn.valid is not None:
            valid &= drawn.valid | is_real
        labels, mixture = drawn.labels, drawn.mixture
        if labels is not None:
            labels = labels.masked_fill(~self._is_free(rows, items), 0.0)
        if mixture is not None:
            mixture = mixture.without(is_real)
        fixed = drawn.fixed
        if self.in_slots:
            fixed = among if fixed is None else among | fixed
        shuffled = None if drawn.shuffled is None else drawn.shuffled & ~is_real
        weights = self._weights(drawn, is_real)
        tensors = drawn.log_q, valid, labels, mixture, weights, fixed, shuffled
        return _Filled(items, *tensors, before=drawn)

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """0 for a real negative, which is in each visit; the other sampler's for fewer draws."""
        if not self.in_slots:
            return self.inner.log_q(rows, negatives)
        nearest = self._nearest(rows, negatives.items.shape[1])  # [rows, K]
        is_real = self._is_among(negatives.items, nearest)  # or a draw that repeats one
        assert negatives.valid is not None
        drawn = replace(negatives, valid=negatives.valid & ~is_real)
        log_q = self.inner.log_q(rows, drawn)  # [rows, num]
        if not self.inner.log_q_counts_valid:
            before = negatives.before if isinstance(negatives, _Filled) else None
            fixed, shuffled = (None, None) if before is None else (before.fixed, before.shuffled)
            log_q = in_fewer_draws(log_q, is_real & negatives.valid, fixed, shuffled)
        return log_q.masked_fill(is_real, 0.0)

    def may_be_positive(self, rows: RowBatch, items: Tensor) -> Tensor:
        """All but the user's real negatives, if the other sampler agrees: [rows, items], bool."""
        return self._is_free(rows, items) & super().may_be_positive(rows, items)

    def _weights(self, drawn: Negatives, is_real: Tensor) -> Tensor | None:
        if drawn.weights is not None:
            return drawn.weights.masked_fill(is_real, self.weight)
        return None if self.weight == 1 else torch.where(is_real, self.weight, 1.0)

    def _is_free(self, rows: RowBatch, items: Tensor) -> Tensor:
        """Which items are no real negatives of the row's user, shape [rows, items], bool."""
        self._known = self._known.to(items.device)
        free = torch.ones(items.shape, dtype=torch.bool, device=items.device)
        free.view(-1)[self._known.known(rows.users, items.int())] = False
        return free

    def _nearest(self, rows: RowBatch, num: int) -> Tensor:
        """The real negatives of rows, 0 where there are fewer, shape [rows, K]."""
        if self.real.items.device != rows.rows.device:
            self.real = self.real.to(rows.rows.device)
        most = min(self.most, num) if self.in_slots else self.most
        return self.real.of_rows(rows.rows, most)

    def _is_among(self, items: Tensor, nearest: Tensor) -> Tensor:
        """Which items [rows, num] are among those of their row [rows, K]: [rows, num], bool."""
        num_items = self.context.num_items
        row = torch.arange(len(items), device=items.device).unsqueeze(1)  # [rows, 1]
        of_rows = (row * num_items + nearest)[nearest > 0]
        return self._find_repeats(of_rows, row * num_items + items, len(items) * num_items)


def _places(drawn: Negatives, nearest: Tensor) -> Tensor:
    """Which of its real negatives [rows, K] each slot gets, -1 for none: [rows, num].

    The first goes to the last slot without a label, the second to the one before, and so on;
    slots of items that are in each visit come last.
    """
    free = torch.ones_like(drawn.items, dtype=torch.bool)
    if drawn.labels is not None:
        free = drawn.labels == 0
    fixed = torch.zeros_like(free) if drawn.fixed is None else free & drawn.fixed
    loose = free & ~fixed
    place = loose.flip(1).cumsum(1).flip(1) - 1  # [rows, num], such slots behind each one
    if drawn.fixed is not None:
        after = fixed.flip(1).cumsum(1).flip(1) - 1 + loose.sum(1, keepdim=True)
        place = torch.where(fixed, after, place)
    is_real = free & (place < nearest.shape[1])
    is_real &= nearest.gather(1, place.clamp(0, nearest.shape[1] - 1)) > 0
    return torch.where(is_real, place, -1)
