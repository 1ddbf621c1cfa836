"""Tests what a job has trained: each ranking with the weights that its validation chose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from recbole.data.dataloader import FullSortEvalDataLoader
from torch import Tensor

from recbole_fn.comparison.rank_notes import RankNotes
from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.experiment.build import Experiment
from recbole_fn.results.target_ranks import TargetRanks

_EXACT = 17  # decimal places that change no number


@dataclass(frozen=True)
class Tested:
    """The metrics of a test, and what the target ranks are made of.

    Attributes:
        metrics: Metrics of all rankings, not rounded.
        notes: The ranks; None if RecBole samples candidates (in rows of their own).
        others: By ranking, the ranks under the weights that its own validation chose.

    Example:
        Returned by `evaluate_test`:

        >>> result = new_run.trainer.fit(new_run.train_data, new_run.valid_data, verbose=False)
        >>> tested = evaluate_test(new_run, best={})
        >>> sorted(tested.metrics)
        ['ndcg@10', 'recall@10']
    """

    metrics: dict[str, float]
    notes: RankNotes | None
    others: dict[str, RankNotes]

    def target_ranks(self, popularity: Tensor) -> TargetRanks | None:
        """The ranks of all rankings, for users who have had each item [num_items]."""
        if self.notes is None:
            return None
        ranks = self.notes.target_ranks(popularity)
        for name, notes in self.others.items():
            own = notes.target_ranks(popularity)
            if name:
                ranks = replace(ranks, also={**ranks.also, name: own.also[name]})
            else:
                ranks = replace(ranks, ranks=own.ranks, recommended=own.recommended)
        return ranks


def evaluate_test(run: Experiment, best: Mapping[str, Path]) -> Tested:
    """Tests a run.

    Args:
        run: The run after training.
        best: For metrics of rankings of their own choice, the file with their weights; a file
            that is missing (no validation) leaves a ranking to RecBole's best checkpoint.

    Example:
        >>> result = new_run.trainer.fit(new_run.train_data, new_run.valid_data, verbose=False)
        >>> sorted(evaluate_test(new_run, best={}).metrics)
        ['ndcg@10', 'recall@10']
    """
    for metric in run.trainer.evaluator.metric_class.values():
        metric.decimal_place = _EXACT  # variants may differ by less than RecBole rounds to
    metrics, notes = _test(run, None)
    others = {}
    for metric, path in best.items():
        if path.is_file():
            ranking = metric.partition(RANKING_SEPARATOR)[2]
            results, own = _test(run, path)
            metrics.update({name: results[name] for name in results if _is_of(name, ranking)})
            if own is not None:
                others[ranking] = own
    return Tested(metrics, notes, others)


def _is_of(metric: str, ranking: str) -> bool:
    return metric.partition(RANKING_SEPARATOR)[2] == ranking


def _test(run: Experiment, weights: Path | None) -> tuple[dict[str, float], RankNotes | None]:
    trainer, file = run.trainer, None if weights is None else str(weights)
    if not isinstance(run.test_data, FullSortEvalDataLoader):
        return dict(trainer.evaluate(run.test_data, True, file) or {}), None
    with RankNotes(trainer, run.test_data) as notes:
        return dict(trainer.evaluate(run.test_data, True, file) or {}), notes
