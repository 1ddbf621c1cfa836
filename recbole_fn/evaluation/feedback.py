"""Adds the metrics of liked and disliked held-out items to RecBole's."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging import getLogger
from typing import Any

import torch
from recbole.evaluator.collector import DataStruct
from torch import Tensor

from recbole_fn.data.loaders import dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.feedback.dataset import PLACE_FIELD, FeedbackDataset
from recbole_fn.feedback.held_out import HeldOutNegatives
from recbole_fn.feedback.metrics import (
    liked_above_disliked,
    rank_metrics,
    user_coverage,
)
from recbole_fn.utils.ranks import rank_of
from recbole_fn.utils.recbole_types import Interaction, Loader, Model
from recbole_fn.utils.trainer_type import Trainer

LIKED, DISLIKED, PAIRS = "rank of targets", "rank of disliked", "scores of pairs"


class FeedbackCollector:
    """Stands in for a collector, and notes the ranks of targets and of disliked items.

    An item that the ranking leaves out (`fn_eval_exclude`, `fn_eval_candidates`) does not count.

    Args:
        collector: The collector of RecBole or of this package.
        held_out: The disliked items.

    Attributes:
        parts: What each batch had, by name.

    Example:
        `feedback_metrics` puts it in place of RecBole's:

        >>> trainer = feedback_run.trainer
        >>> with feedback_metrics(trainer, feedback_run.test_data):
        ...     type(trainer.eval_collector).__name__, list(trainer.eval_collector.parts)
        ('FeedbackCollector', ['rank of targets', 'rank of disliked', 'scores of pairs'])
    """

    def __init__(self, collector: Any, held_out: HeldOutNegatives) -> None:
        self.collector, self.held_out = collector, held_out
        self.parts: dict[str, list[Tensor]] = {LIKED: [], DISLIKED: [], PAIRS: []}

    def eval_batch_collect(
        self, scores: Tensor, interaction: Interaction, positive_u: Tensor, positive_i: Tensor
    ) -> None:
        """Collects a batch; arguments as `FNCollector.eval_batch_collect`."""
        self.held_out = self.held_out.to(scores.device)
        row = torch.arange(len(scores), device=scores.device)  # the batch has a target a row
        targets = positive_i.to(scores.device)
        rows, items = self.held_out.of_targets(interaction[PLACE_FIELD].to(scores.device))
        ranked = torch.isfinite(scores[rows, items])
        rows, items = rows[ranked], items[ranked]
        pairs = torch.stack([scores[rows, targets[rows]], scores[rows, items]], dim=1)
        self.parts[LIKED].append(rank_of(scores, row, targets).cpu())
        self.parts[DISLIKED].append(rank_of(scores, rows, items).cpu())
        self.parts[PAIRS].append(pairs.float().cpu())  # [pairs, 2]
        self.collector.eval_batch_collect(scores, interaction, positive_u, positive_i)

    def model_collect(self, model: Model) -> None:
        """RecBole's hook for values of the model."""
        self.collector.model_collect(model)

    def get_data_struct(self) -> DataStruct:
        """What the collector has; the ranks of all processes are its attribute `feedback`."""
        struct = self.collector.get_data_struct()
        empty = {LIKED: torch.zeros(0).long(), DISLIKED: torch.zeros(0).long()}
        empty[PAIRS] = torch.zeros(0, 2)
        own = {name: torch.cat([empty[name], *parts]) for name, parts in self.parts.items()}
        of_ranks = Group.of_this_process().gather_values(own)
        struct.feedback = {name: torch.cat([part[name] for part in of_ranks]) for name in own}
        return struct


class FeedbackEvaluation:
    """Stands in for an evaluator: its metrics, and then those of disliked items.

    Args:
        evaluator: The evaluator of RecBole or of this package.
        topk: The cut-offs.
        places: Decimal places.
        covered: The share of users with a history.

    Example:
        >>> from types import SimpleNamespace
        >>> evaluator = SimpleNamespace(evaluate=lambda struct: OrderedDict(hit=0.5))
        >>> one, scores = torch.tensor([1]), torch.tensor([[0.9, 0.2]])
        >>> struct = SimpleNamespace(feedback={LIKED: one, DISLIKED: one + 3, PAIRS: scores})
        >>> found = FeedbackEvaluation(evaluator, [3], places=4, covered=1.0).evaluate(struct)
        >>> found["hit"], found["hit_difference@3"], found["liked_above_disliked"]
        (0.5, 1.0, 1.0)
    """

    def __init__(self, evaluator: Any, topk: Sequence[int], places: int, covered: float) -> None:
        self.evaluator, self.topk, self.places = evaluator, topk, places
        self.covered = covered

    def evaluate(self, struct: DataStruct) -> OrderedDict[str, float]:
        """All metrics; without a disliked item those of disliked items are left out.

        A further ranking of `fn_eval_also` has those of the evaluator alone.
        """
        results: OrderedDict[str, float] = self.evaluator.evaluate(struct)
        found = getattr(struct, "feedback", None)
        if found is None:
            return results
        results["user_coverage"] = round(self.covered, self.places)
        if not len(found[DISLIKED]):
            getLogger().warning("No held-out target is followed by negative feedback.")
            return results
        own = rank_metrics(found[LIKED], found[DISLIKED], self.topk)
        own["liked_above_disliked"] = liked_above_disliked(*found[PAIRS].unbind(1))
        results.update({name: round(value, self.places) for name, value in own.items()})
        return results


@contextmanager
def feedback_metrics(trainer: Trainer, eval_data: Loader) -> Iterator[None]:
    """Lets a trainer evaluate disliked items too within the context.

    Args:
        trainer: The trainer.
        eval_data: The loader of validation or test; nothing changes unless its data has kinds.

    Example:
        A hook of `Trainer.evaluate` uses it:

        >>> metrics = feedback_run.trainer.evaluate(feedback_run.test_data, load_best_model=False)
        >>> sorted(metrics)[:3]
        ['hit_difference@10', 'liked_above_disliked', 'ndcg@10']
    """
    dataset: Any = dataset_of(eval_data) if hasattr(eval_data, "_dataset") else None
    if not isinstance(dataset, FeedbackDataset):
        yield
        return
    collector, evaluator, config = trainer.eval_collector, trainer.evaluator, trainer.config
    held_out = HeldOutNegatives.of(dataset.fn_log, dataset.item_num)
    trainer.eval_collector = FeedbackCollector(collector, held_out)
    topk, places = config["topk"], config["metric_decimal_place"]
    covered = user_coverage(dataset.fn_source_users, dataset.user_num)
    trainer.evaluator = FeedbackEvaluation(evaluator, topk, places, covered)
    try:
        yield
    finally:
        trainer.eval_collector, trainer.evaluator = collector, evaluator
