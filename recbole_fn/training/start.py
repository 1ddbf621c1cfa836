"""When extraction starts: rules over the losses and validation scores so far."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from recbole_fn.checkpoint.state import RunState
from recbole_fn.evaluation.popularity import item_counts, recommending
from recbole_fn.utils.recbole_types import Dataset
from recbole_fn.utils.trainer_type import Trainer

LEARNED = 1.5  # auto: the best score is at least this many times that of popular items
SLOW = 1.05  # auto: the last validations raise the best score by at most this factor
PATIENCE = 5  # auto: validations that count as the last ones


def higher_is_better(score: float, bigger: bool) -> float:
    """Transforms a validation score so that higher is better.

    Args:
        score: The score.
        bigger: Whether higher is better for the untransformed score.

    Examples:
        >>> higher_is_better(0.25, bigger=True), higher_is_better(0.25, bigger=False)
        (0.25, 4.0)
    """
    return float(score) if bigger else 1 / max(float(score), 1e-12)


def paper_reason(epoch: int, losses: Sequence[float]) -> str | None:
    """The authors' rule: the training loss has reached a plateau.

    From epoch 8 on, when `L[e-2] - L[e-1] < (L[0] - L[5]) / 200` (the code of UFNRec,
    arXiv 2208.04116).

    Args:
        epoch: The epoch about to begin, e, from 0.
        losses: Summed training loss of each epoch before it, L.

    Returns:
        The reason in words, or None while extraction has to wait.

    Examples:
        >>> paper_reason(8, [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.5, 3.49])
        'the training loss fell by 0.0100 in an epoch, less than 0.0250'
    """
    if epoch < 8:
        return None
    fall, bound = losses[epoch - 2] - losses[epoch - 1], (losses[0] - losses[5]) / 200
    if fall >= bound:
        return None
    return f"the training loss fell by {fall:.4f} in an epoch, less than {bound:.4f}"


def auto_reason(scores: Sequence[float], popularity: float) -> str | None:
    """Our rule: the model has learned to rank, and improves only slowly.

    Learned: the best validation score is at least `LEARNED` times the score of recommending the
    most popular items to everybody. Slowly: the last `PATIENCE` validations have raised the best
    score by at most the factor `SLOW`. The authors' rule misfires with RecBole's small initial
    weights: in the first epochs the loss is on a plateau where the model knows only popularity,
    and hard negatives are merely popular items.

    Args:
        scores: Validation scores so far; higher is better.
        popularity: The validation score of the most popular items.

    Returns:
        The reason in words, or None while extraction has to wait.

    Examples:
        >>> auto_reason([0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3], popularity=0.1)
        'the best validation score 0.3000 is at least 1.5 times that of popular items (0.1000), ...'
    """
    if len(scores) <= PATIENCE:
        return None
    before, best = max(scores[:-PATIENCE]), max(scores)
    if best < LEARNED * popularity or best > SLOW * before:
        return None
    return (
        f"the best validation score {best:.4f} is at least {LEARNED} times that of popular items "
        f"({popularity:.4f}), and {PATIENCE} validations raised it by at most {SLOW - 1:.0%}"
    )


def start_reason(
    rule: str | int, epoch: int, losses: Sequence[float], state: RunState
) -> str | None:
    """Whether and why extraction starts with an epoch.

    Args:
        rule: `fn_start`: `auto`, `paper` or an epoch.
        epoch: The epoch about to begin, from 0.
        losses: Summed training loss of each epoch before it.
        state: The run so far; without validation scores, `auto` uses the authors' rule.

    Returns:
        The reason in words, or None while extraction has to wait.

    Examples:
        >>> start_reason(3, epoch=3, losses=[], state=RunState())
        'fn_start is epoch 3'
    """
    if isinstance(rule, int):
        return f"fn_start is epoch {rule}" if epoch >= rule else None
    if rule == "auto" and state.scores:
        return auto_reason(state.scores, state.popularity or 0.0)
    return paper_reason(epoch, losses)


def describe_wait(rule: str | int, state: RunState, what: str = "extraction") -> str:
    """Explains in words why extraction had not started by the end of a run.

    Args:
        rule: `fn_start`.
        state: The run.
        what: What has not started.

    Examples:
        >>> describe_wait(7, RunState())
        'extraction never started with fn_start: 7'
    """
    reason = f"{what} never started with fn_start: {rule}"
    if rule != "auto" or not state.scores:
        return reason
    best, popularity = max(state.scores), state.popularity or 0.0
    return (
        f"{reason}; the best validation score is {best:.4f}, that of popular items "
        f"{popularity:.4f}: it waits for {LEARNED} times that, and for slow improvement"
    )


class _TrainingTrainer(Trainer, Protocol):
    @property
    def fn_train_dataset(self) -> Dataset:
        """The built training set."""
        ...


class Start:
    """Decides when a run's teacher and extraction start, and keeps the history to decide by.

    Args:
        rule: `fn_start`.
        averages: Whether there is a teacher to start.
        what: What starts, in words.

    Attributes:
        state: The run so far.

    Examples:
        >>> start = Start(rule=2, averages=True, what="extraction")
        >>> start.due(epoch=1, losses=[9.0]) is None
        True
        >>> start.due(epoch=2, losses=[9.0, 8.0])
        'epoch 2: extraction starts, because fn_start is epoch 2.'
        >>> start.state.started
        2
    """

    def __init__(self, rule: str | int, averages: bool, what: str) -> None:
        self.rule, self.averages, self.what = rule, averages, what
        self.state = RunState()

    def due(self, epoch: int, losses: Sequence[float]) -> str | None:
        """Starts with the epoch about to begin if it is time: the reason in words, else None.

        Args:
            epoch: The epoch, from 0.
            losses: Summed training loss of each epoch before it.
        """
        if self.state.started is not None or not self.averages:
            return None
        reason = start_reason(self.rule, epoch, losses, self.state)
        if reason is None:
            return None
        self.state.started = epoch
        return f"epoch {epoch}: {self.what} starts, because {reason}."

    def measure_popularity(
        self, trainer: _TrainingTrainer, validate: Callable[[], tuple[float, Any]]
    ) -> None:
        """Validates recommending popular items to everybody, once, if the rule needs it.

        Args:
            trainer: The `FNTrainer`.
            validate: RecBole's validation.
        """
        if self.rule != "auto" or not self.averages or self.state.popularity is not None:
            return
        scores = item_counts(trainer.fn_train_dataset).to(trainer.device)
        with recommending(trainer.model, scores):
            score, _ = validate()
        self.state.popularity = higher_is_better(score, trainer.valid_metric_bigger)

    def describe_wait(self) -> str | None:
        """Explains why nothing has started by the end of a run; None if nothing had to start."""
        if self.state.started is not None or not self.averages:
            return None
        return describe_wait(self.rule, self.state, self.what)
