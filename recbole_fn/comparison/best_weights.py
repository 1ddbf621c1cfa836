"""Keeps the best weights of each further ranking: full and sampled metrics peak at other epochs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from recbole_fn import checkpoint
from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.training.callbacks import Callback
from recbole_fn.utils.trainer_type import Trainer


class BestWeights(Callback):
    """Saves the evaluated weights whenever a ranking's validation is the best so far.

    Of equal validations the last one counts, as in RecBole's early stopping, so that what a ranking
    tests does not depend on which ranking `valid_metric` is of.

    The validation metric decides, in each ranking but the one that RecBole's own checkpoint is
    chosen by: with `valid_metric: NDCG@10` and `fn_eval_also: 100` this is `ndcg@10/uni100`.

    Args:
        path: RecBole's checkpoint; the files go beside it.
        valid_metric: The metric that RecBole chooses its checkpoint by.
        rankings: The further rankings (`fn_eval_also`).

    Attributes:
        path: RecBole's checkpoint.
        files: The file of each such metric.
        best: The best score of each metric so far; higher is better.

    Example:
        >>> best = BestWeights(Path("X.pth"), "ndcg@10", ["uni100", "pop100"])
        >>> {metric: path.name for metric, path in best.files.items()}
        {'ndcg@10/uni100': 'X-uni100.pth', 'ndcg@10/pop100': 'X-pop100.pth'}
    """

    def __init__(self, path: Path, valid_metric: str, rankings: Sequence[str]) -> None:
        name, _, chosen = valid_metric.partition(RANKING_SEPARATOR)
        self.path = path
        self.files = {
            name + (RANKING_SEPARATOR + ranking if ranking else ""): path.with_name(
                f"{path.stem}-{ranking or 'main'}{path.suffix}"
            )
            for ranking in ["", *rankings]
            if ranking != chosen
        }
        self.best: dict[str, float] = {}

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Saves the weights of each ranking that has improved."""
        for metric, path in self.files.items():
            value = _signed(result[metric], trainer.valid_metric_bigger)
            if value >= self.best.get(metric, float("-inf")):
                self.best[metric] = value
                save_evaluated(trainer, epoch, path)

    def restore(self, validations: Iterable[Mapping[str, float]], bigger: bool) -> None:
        """Goes on after the validations of an earlier process, which has written the files.

        Args:
            validations: Their metrics.
            bigger: Whether higher metrics are better.
        """
        for result in validations:
            for metric in self.files:
                value = _signed(result[metric], bigger)
                self.best[metric] = max(value, self.best.get(metric, float("-inf")))


def _signed(score: float, bigger: bool) -> float:
    """A score of which higher ones are better; its inverse could make different ones equal."""
    return float(score) if bigger else -float(score)


def save_evaluated(trainer: Trainer, epoch: int, path: Path) -> None:
    """Saves a checkpoint with the weights that evaluation uses, and nothing to train on with.

    Example:
        >>> save_evaluated(run.trainer, epoch=2, path=folder / "X-uni100.pth")
        >>> checkpoint.load(folder / "X-uni100.pth")["epoch"]
        2
    """
    step = getattr(trainer, "fn_step", None)
    with nullcontext() if step is None else step.evaluation_weights():
        state = checkpoint.recbole_state(trainer, epoch)
        checkpoint.save({name: state[name] for name in state if name != "optimizer"}, path)
