"""Watches what a sampler draws, without changing it."""

from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.inspection.draws import Draws, describe
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score


class Watch(NegativeSampler):
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
        super().__init__(inner.context, inner.args)
        self.inner, self.epochs = inner, list[Draws]()
        self._later, self._is_first = later, True

    @property
    def observes(self) -> bool:
        """Whether the sampler that draws observes scores."""
        return self.inner.observes

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Passed on to the sampler that draws."""
        negatives = self.inner.sample(rows, num, score)
        if self._is_first:
            self.epochs.append(describe(self.context, rows, negatives, score, self._later))
            self._is_first = False
        return negatives

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """Passed on to the sampler that draws."""
        return self.inner.log_q(rows, negatives)

    def observe(self, rows: RowBatch, negatives: Negatives, scores: Tensor) -> None:
        """Passed on to the sampler that draws."""
        self.inner.observe(rows, negatives, scores)

    def end_epoch(self) -> None:
        """Passed on to the sampler that draws; the next step is the first of an epoch."""
        self._is_first = True
        self.inner.end_epoch()

    def state_dict(self) -> dict[str, Tensor]:
        """The state of the sampler that draws."""
        return self.inner.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores the state of the sampler that draws."""
        self.inner.load_state_dict(state)
