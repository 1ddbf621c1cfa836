"""Evaluation with the teacher's weights, through RecBole's own hooks."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from recbole.trainer import Trainer

from recbole_fn import checkpoint
from recbole_fn.scoring.products import multiplied_in_tiles
from recbole_fn.training.step import TrainingStep
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Loader

Metrics = dict[str, float]


class TeacherEvaluation(Trainer):
    """The part of `FNTrainer` that evaluates.

    Attributes:
        fn_step: The training step; None before `fit`.

    Examples:
        Once the teacher has started, its weights are evaluated, unless `fn_eval_with: student`:

        >>> sorted(run.trainer.evaluate(run.test_data, load_best_model=False))
        ['ndcg@10', 'recall@10']
    """

    fn_step: TrainingStep

    def evaluate(
        self,
        eval_data: Loader,
        load_best_model: bool = True,
        model_file: str | None = None,
        show_progress: bool = False,
    ) -> Metrics | None:
        """Evaluates with the teacher's weights once it has started; see RecBole's `evaluate`.

        Raises:
            InputError: if the checkpoint cannot be loaded.
        """
        if load_best_model and eval_data:
            self.fn_load_weights(model_file or self.saved_model_file)
        with nullcontext() if self.fn_step is None else self.fn_step.evaluation_weights():
            result: Metrics | None = super().evaluate(eval_data, False, None, show_progress)
        return result

    def fn_load_weights(self, path: str) -> None:
        """Loads the weights that evaluation uses, into the teacher too.

        Raises:
            InputError: if they cannot be loaded.
        """
        checkpoint.load_weights(path, self.model, self.device)
        if self.fn_step is not None and self.fn_step.teacher is not None:
            self.fn_step.teacher.copy_student()
        self.logger.info(f"Loading model structure and parameters from {path}", extra=DETAIL)

    def _full_sort_batch_eval(self, batched_data: tuple[Any, ...]) -> tuple[Any, ...]:
        interaction, *rest = batched_data
        scoring: AbstractContextManager[None] = nullcontext()
        if self.fn_step is not None:
            interaction = self.fn_step.batching.trim(interaction)
            scoring = multiplied_in_tiles(self.model, self.fn_step.scorer)
        with scoring:
            batch: tuple[Any, ...] = super()._full_sort_batch_eval((interaction, *rest))
        return batch

    def _map_reduce(self, result: Metrics, num_sample: int) -> Metrics:
        """Returns the metrics unchanged: every rank has those of all rows; RecBole takes means."""
        return result
