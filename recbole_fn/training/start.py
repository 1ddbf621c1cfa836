"""When extraction starts: rules that read the losses and validation scores so far."""

from collections.abc import Callable, Sequence
from typing import Any

from recbole_fn.checkpoint.state import RunState
from recbole_fn.evaluation.popularity import item_counts, recommending

LEARNED = 1.5  # auto: the best score is at least this many times that of popular items
SLOW = 1.05  # auto: the last validations raise the best score by at most this factor
PATIENCE = 5  # auto: validations that count as the last ones


def higher_is_better(score: float, bigger: bool) -> float:
    """A validation score, turned so that higher is better.

    Args:
        score: The score.
        bigger: Whether it is so already.
    """
    return float(score) if bigger else 1 / max(float(score), 1e-12)


def paper_reason(epoch: int, losses: Sequence[float]) -> str | None:
    """The authors' rule: the training loss has come to a plateau.

    From epoch 8 on, when `L[e-2] - L[e-1] < (L[0] - L[5]) / 200` (the code of UFNRec,
    arXiv 2208.04116).

    Args:
        epoch: The epoch about to begin, e, from 0.
        losses: Summed training loss of each epoch before it, L.

    Returns:
        The reason in words, or None while extraction has to wait.
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
    score by at most the factor `SLOW`. The authors' rule alone misfires with RecBole's small
    initial weights: the loss rests on a plateau in the first epochs, while the model knows
    popularity and no more, and hard negatives are then just popular items.

    Args:
        scores: Validation scores so far, the bigger the better.
        popularity: The validation score of the most popular items.

    Returns:
        The reason in words, or None while extraction has to wait.
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
    """
    if isinstance(rule, int):
        return f"fn_start is epoch {rule}" if epoch >= rule else None
    if rule == "auto" and state.scores:
        return auto_reason(state.scores, state.popularity or 0.0)
    return paper_reason(epoch, losses)


def describe_wait(rule: str | int, state: RunState, what: str = "extraction") -> str:
    """Why a run ended before extraction, or what else waits, started, in words."""
    said = f"{what} never started with fn_start: {rule}"
    if rule != "auto" or not state.scores:
        return said
    best, popularity = max(state.scores), state.popularity or 0.0
    return (
        f"{said}; the best validation score is {best:.4f}, that of popular items "
        f"{popularity:.4f}: it waits for {LEARNED} times that, and for slow improvement"
    )


class Start:
    """Decides when a run's teacher and extraction start; keeps what it decides by.

    Args:
        rule: `fn_start`.
        averages: Whether there is a teacher to start.
        what: What starts, in words.

    Attributes:
        state: The run so far.
    """

    def __init__(self, rule: str | int, averages: bool, what: str) -> None:
        self.rule, self.averages, self.what = rule, averages, what
        self.state = RunState()

    def due(self, epoch: int, losses: Sequence[float]) -> str | None:
        """Why the epoch about to begin is the one, in words; None if it is not.

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

    def measure_popularity(self, trainer: Any, validate: Callable[[], tuple[float, Any]]) -> None:
        """Validates what recommends popular items to everybody, once, if the rule asks for it.

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
        """Why nothing has started by the end of a run, in words; None if there is no fault."""
        if self.state.started is not None or not self.averages:
            return None
        return describe_wait(self.rule, self.state, self.what)
