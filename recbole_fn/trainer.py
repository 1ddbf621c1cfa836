"""RecBole's trainer with false-negative extraction and a teacher, through RecBole's own hooks."""

from typing import Any, Optional

import torch
from recbole.trainer import Trainer

from recbole_fn import checkpoint, run_state
from recbole_fn.epoch_log import LogsExtraction, epoch_log
from recbole_fn.epoch_report import EpochReport, describe
from recbole_fn.errors import InputError
from recbole_fn.evaluation import FNCollector, SharedEvaluation
from recbole_fn.learner import FalseNegativeLearner
from recbole_fn.non_finite import FiniteTraining
from recbole_fn.popularity import item_counts, recommending
from recbole_fn.preparation import prepare
from recbole_fn.progress import Progress
from recbole_fn.settings import FNSettings
from recbole_fn.start import describe_wait, start_reason
from recbole_fn.subclassing import SwitchedOn
from recbole_fn.user_trainer import calls_required


class FNTrainer(SwitchedOn, LogsExtraction, FiniteTraining, SharedEvaluation, Trainer):
    """Trains with hard negatives that become positives (UFNRec, arXiv 2208.04116).

    Mixed into the trainer class that RecBole would use for the model. The loops are RecBole's;
    the loss, the start of extraction, the weights of evaluation and the checkpoint are ours.

    Attributes:
        settings: The `fn_` keys.
        progress: When extraction started, and what it did in each epoch.
        learner: Memory, teacher and loss; None before `fit`.
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
        self.optimizer.register_step_post_hook(lambda *_: self._after_step())

    def fit(self, train_data: Any, *args: Any, **kwargs: Any) -> Any:
        """Trains; takes and returns what RecBole's `Trainer.fit` does.

        Args:
            train_data: The loader that RecBole made for training.
            *args: As in RecBole.
            **kwargs: As in RecBole.

        Returns:
            The best validation score and the best validation result.
        """
        loader = self.prepare(train_data)
        if self._resumed is not None and self.learner is not None:
            run_state.restore(self, self.learner, self._loader, self._resumed)
            self._resumed = None
        result = super().fit(loader, *args, **kwargs)
        if self.progress.started is None and self.settings.strategy != "off":
            self.logger.warning(describe_wait(self.settings.start, self.progress))
        return result

    def prepare(self, train_data: Any) -> Any:
        """Builds the learner for a training set; `fit` does so by itself.

        Args:
            train_data: The loader that RecBole made for training.

        Returns:
            The loader to train with: the given one, or one of windows.
        """
        if self.learner is None:
            self.learner, self._loader = prepare(self.config, self.model, self.settings, train_data)
        return self._loader

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
        """Evaluates as RecBole does, with the teacher's weights once extraction is on.

        Args:
            eval_data: The loader of the data to evaluate on.
            load_best_model: Whether to load the weights of the best epoch into the model first.
            model_file: Another checkpoint to load them from.
            show_progress: Whether to show a progress bar.

        Returns:
            The metrics.

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

        Args:
            resume_file: A checkpoint of this package.

        Raises:
            InputError: if it cannot be loaded, or is one of plain RecBole. `fit` raises it if
                the checkpoint is of another training set.
        """
        state = checkpoint.load(resume_file, self.device)
        if "fn" not in state:
            raise InputError(f"{str(resume_file)!r} is a checkpoint without false-negative state")
        with checkpoint.allowed_classes():
            super().resume_checkpoint(resume_file)
        self._resumed = state["fn"]

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> Any:
        assert self.learner is not None
        self._start_when_due(epoch_idx, self.learner)
        self.learner.report = EpochReport()
        # Importing any sequential model imports RecBole's SINE, which leaves autograd's anomaly
        # detection on for the whole process; an epoch takes twice as long with it.
        quietly = torch.autograd.set_detect_anomaly(False)
        with quietly, calls_required(loss_func or self.learner.loss, type(self)) as loss:
            losses = super()._train_epoch(train_data, epoch_idx, loss, show_progress)
        if self.progress.started is not None:
            figures = self.learner.report.figures(self.learner.memory.num_remembered())
            self.progress.figures[epoch_idx] = figures
            self.logger.info(f"epoch {epoch_idx} extraction: {describe(figures)}")
        return losses

    def _valid_epoch(self, valid_data: Any, show_progress: bool = False) -> Any:
        waits = self.settings.start == "auto" and self.settings.strategy != "off"
        if waits and self.progress.popularity is None:
            with recommending(self.model, item_counts(self.train_dataset).to(self.device)):
                score, _ = super()._valid_epoch(valid_data)
            self.progress.popularity = self._goodness(score)
        score, result = super()._valid_epoch(valid_data, show_progress)
        self.progress.scores.append(self._goodness(score))
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
        extra = {"fn": run_state.capture(self, self.learner, self._loader)}
        with self.learner.evaluation_weights():
            checkpoint.save_trainer(self, epoch, verbose, extra, **kwargs)

    def _start_when_due(self, epoch: int, learner: FalseNegativeLearner) -> None:
        if self.progress.started is not None or self.settings.strategy == "off":
            return
        losses = list(self.train_loss_dict.values())
        reason = start_reason(self.settings.start, epoch, losses, self.progress)
        if reason is not None:
            self.progress.started = epoch
            learner.start()
            self.cur_step = 0  # early stopping waits anew: the training has changed
            self.logger.info(f"epoch {epoch}: extraction starts, because {reason}.")

    def _goodness(self, score: float) -> float:
        """A validation score, the bigger the better."""
        return float(score) if self.valid_metric_bigger else 1 / max(float(score), 1e-12)

    def _after_step(self) -> None:
        if self.learner is not None:
            self.learner.after_step()

    def _load_weights(self, path: str) -> None:
        """Loads the weights that evaluation uses; the teacher, if there is one, becomes them."""
        state = checkpoint.load(path, self.device)
        self.model.load_state_dict(state["state_dict"])
        self.model.load_other_parameter(state.get("other_parameter"))
        if self.learner is not None and self.learner.teacher is not None:
            self.learner.teacher.copy_student()
        self.logger.info(f"Loading model structure and parameters from {path}")
