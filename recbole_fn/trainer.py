"""RecBole's trainer with false-negative extraction and a teacher, through RecBole's own hooks."""

from typing import Any, Optional

import torch
from recbole.trainer import Trainer

from recbole_fn import checkpoint, resuming, run_state
from recbole_fn.epoch_log import LogsExtraction, epoch_log
from recbole_fn.epoch_report import describe
from recbole_fn.errors import mistakes_in
from recbole_fn.evaluation import FNCollector, SharedEvaluation
from recbole_fn.last_checkpoint import Callback, LastCheckpoint
from recbole_fn.learner import FalseNegativeLearner
from recbole_fn.non_finite import FiniteTraining
from recbole_fn.popularity import item_counts, recommending
from recbole_fn.preparation import prepare
from recbole_fn.progress import Progress
from recbole_fn.settings import FNSettings
from recbole_fn.start import describe_wait, goodness, start_reason
from recbole_fn.subclassing import SwitchedOn


class FNTrainer(SwitchedOn, LogsExtraction, FiniteTraining, SharedEvaluation, Trainer):
    """Trains with hard negatives that become positives (UFNRec, arXiv 2208.04116).

    Mixed into the trainer class that RecBole would use for the model. The loops are RecBole's;
    the loss, the start of extraction, the weights of evaluation and the checkpoint are ours.

    Attributes:
        settings: The `fn_` keys.
        progress: When extraction started, and what it did in each epoch.
        learner: Memory, teacher and loss; None before `fit`.
        last: Writes the last checkpoint.
    """

    def __init__(self, config: Any, model: Any) -> None:
        super().__init__(config, model)
        self.settings = FNSettings.from_config(config.final_config_dict)
        self.progress = Progress()
        self.epoch_log = epoch_log(self.settings.log, self.tensorboard)
        self.eval_collector = FNCollector(config)
        self.learner: Optional[FalseNegativeLearner] = None
        self._loader: Any = None
        self._resumed: Optional[dict[str, Any]] = None
        self.last = LastCheckpoint(self, self.settings.save_every)
        self.optimizer.register_step_post_hook(lambda *_: self._after_step())

    def fit(
        self,
        train_data: Any,
        valid_data: Any = None,
        verbose: bool = True,
        saved: bool = True,
        show_progress: bool = False,
        callback_fn: Optional[Callback] = None,
    ) -> Any:
        """Trains; takes and returns what RecBole's `Trainer.fit` does."""
        loader = self.prepare(train_data)
        self.last.begin(saved)
        if self._resumed is not None and self.learner is not None:
            with mistakes_in(f"checkpoint {self.saved_model_file!r}"):
                self.last.resume(run_state.restore(self, self.learner, loader, self._resumed))
            self._resumed = None
        if self.last.finished:
            self.eval_collector.data_collect(loader)
            return self.best_valid_score, self.best_valid_result
        callback = self.last.after_validation(callback_fn)
        result = super().fit(loader, valid_data, verbose, saved, show_progress, callback)
        self.last.end()
        if self.progress.started is None and self.settings.averages:
            waited = self.settings.start, self.progress, self.settings.what_starts
            self.logger.warning(describe_wait(*waited))
        return result

    def prepare(self, train_data: Any) -> Any:
        """Builds the learner for a training set; `fit` does so by itself.

        Returns:
            The loader to train with: the given one, or one of windows.
        """
        if self.learner is None:
            self.learner, self._loader = prepare(self.config, self.model, self.settings, train_data)
        return self._loader

    @property
    def has_extracted(self) -> bool:
        """Whether extraction has started."""
        return self.settings.extracts and self.progress.started is not None

    @property
    def train_dataset(self) -> Any:
        """The built training set; its rows are those of the memory."""
        return self._loader._dataset

    @property
    def sampler(self) -> Any:
        """The sampler of the training set's negatives."""
        return self._loader._sampler

    def evaluate(
        self,
        eval_data: Any,
        load_best_model: bool = True,
        model_file: Optional[str] = None,
        show_progress: bool = False,
    ) -> Any:
        """Evaluates with the teacher's weights once extraction is on; see RecBole's `evaluate`.

        Raises:
            InputError: if the checkpoint cannot be loaded.
        """
        if load_best_model and eval_data:
            self._load_weights(model_file or self.saved_model_file)
        if self.learner is None:
            return super().evaluate(eval_data, False, None, show_progress)
        with self.learner.evaluation_weights():
            return super().evaluate(eval_data, False, None, show_progress)

    def resume_checkpoint(self, resume_file: Any) -> None:
        """Makes the next `fit` go on where a checkpoint was saved.

        Raises:
            InputError: if the checkpoint cannot be loaded, is one of plain RecBole or of a run
                with other keys. `fit` raises it if it is of another training set.
        """
        self._resumed = resuming.read(resume_file, self.device, self.config)["fn"]
        with checkpoint.allowed_classes(), mistakes_in(f"checkpoint {str(resume_file)!r}"):
            super().resume_checkpoint(resume_file)
        self.saved_model_file = str(checkpoint.best_file(resume_file))

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> Any:
        assert self.learner is not None
        self.learner.report = self.last.begin_epoch(epoch_idx)
        self._start_when_due(epoch_idx, self.learner)
        # Importing any sequential model imports RecBole's SINE, which leaves autograd's anomaly
        # detection on for the whole process; an epoch takes twice as long with it.
        quietly = torch.autograd.set_detect_anomaly(False)
        with quietly, self.last.epoch(loss_func or self.learner.loss) as loss:
            losses = super()._train_epoch(train_data, epoch_idx, loss, show_progress)
        losses = self.last.end_epoch(losses)
        if self.has_extracted:
            figures = self.learner.report.figures(self.learner.memory.num_remembered())
            self.progress.figures[epoch_idx] = figures
            self.logger.info(f"epoch {epoch_idx} extraction: {describe(figures)}")
        return losses

    def _valid_epoch(self, valid_data: Any, show_progress: bool = False) -> Any:
        waits = self.settings.start == "auto" and self.settings.averages
        if waits and self.progress.popularity is None:
            with recommending(self.model, item_counts(self.train_dataset).to(self.device)):
                score, _ = super()._valid_epoch(valid_data)
            self.progress.popularity = goodness(score, self.valid_metric_bigger)
        score, result = super()._valid_epoch(valid_data, show_progress)
        self.progress.scores.append(goodness(score, self.valid_metric_bigger))
        self.progress.last_result = {name: float(value) for name, value in result.items()}
        self.epoch_log.validated(score, self.progress.last_result)
        return score, result

    def _full_sort_batch_eval(self, batched_data: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.learner is not None:
            interaction, *rest = batched_data
            batched_data = (self.learner.batching.trim(interaction), *rest)
        batch: tuple[Any, ...] = super()._full_sort_batch_eval(batched_data)
        return batch

    def save_with_extraction(self, epoch: int, verbose: bool = True, **kwargs: Any) -> None:
        """Saves a checkpoint; takes what RecBole's `Trainer._save_checkpoint` does."""
        assert self.learner is not None
        # RecBole saves the best epoch before it notes the result of its validation.
        is_other = "saved_model_file" in kwargs
        best = self.best_valid_result if is_other else self.progress.last_result
        state = run_state.capture(self, self.learner, self._loader, best, self.last.position)
        with self.learner.evaluation_weights():
            checkpoint.save_trainer(self, epoch, verbose, {"fn": state}, **kwargs)

    def _start_when_due(self, epoch: int, learner: FalseNegativeLearner) -> None:
        if self.progress.started is not None or not self.settings.averages:
            return
        losses = list(self.train_loss_dict.values())
        reason = start_reason(self.settings.start, epoch, losses, self.progress)
        if reason is not None:
            self.progress.started = epoch
            learner.start()
            self.cur_step = 0  # early stopping waits anew: the training has changed
            what = self.settings.what_starts
            self.logger.info(f"epoch {epoch}: {what} starts, because {reason}.")

    def _after_step(self) -> None:
        if self.learner is not None:
            self.learner.after_step()
        self.last.after_step()

    def _load_weights(self, path: str) -> None:
        """Loads the weights that evaluation uses; the teacher, if there is one, becomes them."""
        checkpoint.load_weights(path, self.model, self.device)
        if self.learner is not None and self.learner.teacher is not None:
            self.learner.teacher.copy_student()
        self.logger.info(f"Loading model structure and parameters from {path}")
