"""Collects and evaluates several rankings of the same scores: `fn_eval_also`."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from recbole.evaluator import Collector
from recbole.evaluator.collector import DataStruct
from torch import Tensor

from recbole_fn.config.key_constraints import RANKING_SEPARATOR
from recbole_fn.evaluation.collector import FNCollector
from recbole_fn.evaluation.filters import FilteringEvalDataLoader
from recbole_fn.evaluation.rankings import ItemFilter, Rankings
from recbole_fn.utils.recbole_types import Config, Interaction, Loader, Model
from recbole_fn.utils.trainer_type import Trainer


class SeveralCollectors:
    """Stands in for RecBole's collector, with one collector for each ranking.

    Args:
        config: RecBole's configuration.
        main: The collector of the unmarked metrics; it knows the training set.
        rankings: What each ranking of this evaluation leaves out.

    Attributes:
        also: The collectors of the further rankings by name.

    Example:
        `several_rankings` puts it in place of RecBole's:

        >>> from recbole_fn.experiment.build import build_experiment
        >>> config["fn_eval_also"] = ["uni5"]
        >>> built = build_experiment(config)
        >>> collector, rankings = built.trainer.eval_collector, built.test_data.rankings
        >>> list(SeveralCollectors(config, collector, rankings).also)
        ['uni5']
    """

    def __init__(self, config: Config, main: Collector, rankings: Rankings) -> None:
        self.main, self.rankings = main, rankings
        self.also = {name: FNCollector(config) for name in rankings.also}

    def eval_batch_collect(
        self, scores: Tensor, interaction: Interaction, positive_u: Tensor, positive_i: Tensor
    ) -> None:
        """Collects a batch for each ranking; arguments as `FNCollector.eval_batch_collect`."""
        rows = interaction.to("cpu")
        pairs = [(self.also[name], self.rankings.also[name]) for name in self.also]
        for collector, items in [*pairs, (self.main, self.rankings.main)]:
            ranked = without(scores, items, rows, positive_i)
            collector.eval_batch_collect(ranked, interaction, positive_u, positive_i)

    def model_collect(self, model: Model) -> None:
        """RecBole's hook for values of the model; no metric of RecBole reads any."""
        self.main.model_collect(model)

    def get_data_struct(self) -> DataStruct:
        """What the main collector has; the others' are in its attribute `also`."""
        struct = self.main.get_data_struct()
        struct.also = {name: self._complete(struct, one) for name, one in self.also.items()}
        return struct

    def _complete(self, main: DataStruct, collector: FNCollector) -> DataStruct:
        """Adds what the main collector knows of the training set."""
        struct = collector.get_data_struct()
        struct._data_dict = {**main._data_dict, **struct._data_dict}
        return struct


class SeveralEvaluations:
    """Stands in for RecBole's evaluator: metrics of each ranking, marked with its name.

    Args:
        evaluator: RecBole's evaluator.

    Example:
        >>> from types import SimpleNamespace
        >>> evaluator = SimpleNamespace(evaluate=lambda struct: OrderedDict(hit=struct.score))
        >>> struct = SimpleNamespace(score=0.2, also={"uni100": SimpleNamespace(score=0.6)})
        >>> dict(SeveralEvaluations(evaluator).evaluate(struct))
        {'hit': 0.2, 'hit/uni100': 0.6}
    """

    def __init__(self, evaluator: Any) -> None:
        self.evaluator = evaluator

    def evaluate(self, struct: DataStruct) -> OrderedDict[str, float]:
        """The metrics of the main ranking, then those of the others as `ndcg@10/uni100`."""
        results: OrderedDict[str, float] = self.evaluator.evaluate(struct)
        for name, one in struct.also.items():
            of_ranking = self.evaluator.evaluate(one)
            results.update(
                {f"{m}{RANKING_SEPARATOR}{name}": value for m, value in of_ranking.items()}
            )
        return results


@contextmanager
def several_rankings(trainer: Trainer, eval_data: Loader) -> Iterator[None]:
    """Lets a trainer of RecBole evaluate all rankings of a loader within the context.

    Args:
        trainer: The trainer; its class may be RecBole's own.
        eval_data: The loader of validation or test.

    Example:
        A hook of `Trainer.evaluate` uses it:

        >>> from recbole_fn.experiment.build import build_experiment
        >>> config["fn_eval_also"] = ["uni5"]
        >>> built = build_experiment(config)
        >>> sorted(built.trainer.evaluate(built.test_data, load_best_model=False))
        ['ndcg@10', 'ndcg@10/uni5', 'recall@10', 'recall@10/uni5']
    """
    if not (isinstance(eval_data, FilteringEvalDataLoader) and eval_data.rankings.also):
        yield
        return
    collector, evaluator = trainer.eval_collector, trainer.evaluator
    trainer.eval_collector = SeveralCollectors(trainer.config, collector, eval_data.rankings)
    trainer.evaluator = SeveralEvaluations(evaluator)
    try:
        yield
    finally:
        trainer.eval_collector, trainer.evaluator = collector, evaluator


def without(scores: Tensor, items: ItemFilter | None, rows: Interaction, targets: Tensor) -> Tensor:
    """The scores of a ranking: -inf for the items that take no part in it.

    Args:
        scores: Scores of all items, shape [rows, num_items]; left as they are.
        items: What the ranking leaves out; None for nothing.
        rows: The rows.
        targets: The target of each row, shape [rows].

    Returns:
        Scores of the same shape; `scores` itself if nothing is left out.

    Example:
        >>> class NotItem2:
        ...     def excluded(self, rows, targets):
        ...         return torch.tensor([0]), torch.tensor([2])  # in row 0
        >>> scores = torch.tensor([[-torch.inf, 0.5, 0.7]])
        >>> without(scores, NotItem2(), {"user_id": torch.tensor([1])}, torch.tensor([1]))
        tensor([[  -inf, 0.5000,   -inf]])
    """
    if items is None:
        return scores
    ranked = scores.clone()
    ranked[items.excluded(rows, targets)] = -torch.inf
    return ranked
