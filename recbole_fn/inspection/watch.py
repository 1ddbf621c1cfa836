"""Watches what a sampler draws, without changing it."""

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.inspection.draws import Draws, describe
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.wrapping import WrappingSampler


class Watch(WrappingSampler):
    """Draws by another sampler, and describes what it draws in the first step of each epoch.

    Args:
        inner: The sampler that draws.
        later: `user * num_items + item` of all that users have in validation or test, ascending.

    Attributes:
        epochs: What was drawn, for each epoch.

    Example:
        `inspect` puts it before the run's sampler:

        >>> from recbole_fn.inspection.inspecting import later_pairs
        >>> sampler, scorer = run.trainer.fn_step.sampler, run.trainer.fn_step.scorer
        >>> watch = Watch(sampler, later_pairs(run))
        >>> score = scorer.encode(run.model, rows).score
        >>> negatives = [watch.sample(rows, 5, score) for _ in range(2)]
        >>> len(watch.epochs)  # the first step alone is described
        1
    """

    def __init__(self, inner: NegativeSampler, later: Tensor) -> None:
        super().__init__(inner.context, inner.args, inner)
        self.epochs: list[Draws] = []
        self._later, self._is_first = later, True

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Passed on to the sampler that draws."""
        negatives = self.inner.sample(rows, num, score)
        if self._is_first:
            with torch.random.fork_rng():  # a model that scores pairs has dropout in its scores
                self.epochs.append(describe(self.context, rows, negatives, score, self._later))
            self._is_first = False
        return negatives

    def end_epoch(self) -> None:
        """Passed on to the sampler that draws; the next step is the first of an epoch."""
        self._is_first = True
        super().end_epoch()
