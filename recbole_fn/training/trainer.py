"""RecBole's trainer with false-negative extraction and a teacher, through RecBole's own hooks."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from recbole_fn.checkpoint.last import LastCheckpoint
from recbole_fn.checkpoint.resumable import can_stop_within_epochs
from recbole_fn.checkpoint.state import RunState
from recbole_fn.config.switch import SwitchedOn
from recbole_fn.data.loaders import FNTrainDataLoader, dataset_of, sampler_of
from recbole_fn.evaluation.collector import FNCollector
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.training import setup
from recbole_fn.training.callbacks import Epoch
from recbole_fn.training.epoch_loss import BatchLosses, EpochLoss
from recbole_fn.training.evaluation import Metrics, TeacherEvaluation
from recbole_fn.training.parts import Parts
from recbole_fn.training.start import Start, higher_is_better
from recbole_fn.training.stopping import set_stopping_step
from recbole_fn.utils.recbole_types import Config, Dataset, Loader, Model


class FNTrainer(SwitchedOn, TeacherEvaluation):
    """Trains with hard negatives that become positives (UFNRec, arXiv 2208.04116).

    Mixed into the trainer class that RecBole would use for the model. The loops are RecBole's;
    the loss, the start of extraction, the weights of evaluation and the checkpoint are ours.

    Attributes:
        fn_parts: Sampler, loss, treatment and callbacks, as the configuration names them.
        fn_start: Decides when extraction starts; its state is `fn_state`.
        fn_step: Memory, teacher and loss; None before `fit`.
        fn_loader: The loader to train with; None before `fit`.
        fn_checkpoint: Writes and resumes checkpoints.
        fn_callbacks: Watch the training; `append` adds one.

    Examples:
        RecBole's `get_trainer` returns it once the package is registered:

        >>> isinstance(new_run.trainer, FNTrainer)
        True
        >>> result = new_run.trainer.fit(new_run.train_data, new_run.valid_data, verbose=False)
        >>> new_run.trainer.fn_state.started  # with fn_start: 1
        1
    """

    fn_loader: FNTrainDataLoader

    def __init__(self, config: Config, model: Model) -> None:
        super().__init__(config, model)
        self.fn_parts = parts = Parts.of(config.final_config_dict)
        rule, averages = parts.settings.start, parts.treatment.averages
        self.fn_start = Start(rule, averages, parts.what_starts)
        self.fn_checkpoint = LastCheckpoint(self, parts.settings.save_every)
        self.fn_callbacks = setup.callbacks(parts, self.tensorboard)
        self.fn_step = self.fn_loader = None  # type: ignore[assignment]  # until `fit`
        self.eval_collector = FNCollector(config)
        self._fn_loss: EpochLoss | None = None

    def fit(
        self,
        train_data: Loader,
        valid_data: Loader | None = None,
        verbose: bool = True,
        saved: bool = True,
        show_progress: bool = False,
        callback_fn: Callable[[int, float], None] | None = None,
    ) -> tuple[float, Metrics | None]:
        """Trains, with the arguments and the result of RecBole's `Trainer.fit`."""
        loader = self.fn_prepare(train_data)
        self.fn_checkpoint.begin(saved)
        self.fn_checkpoint.resume()
        set_stopping_step(self, self.start_epoch)
        if self.fn_checkpoint.finished:
            self.eval_collector.data_collect(loader)
            return self.best_valid_score, self.best_valid_result

        def validated(epoch: int, score: float) -> None:
            result = self.fn_state.last_result
            self.fn_callbacks.on_validation_end(self, epoch, float(score), result)
            self.fn_checkpoint.save_end(epoch)
            if callback_fn is not None:
                callback_fn(epoch, score)

        fitted: tuple[float, Metrics | None]
        fitted = super().fit(loader, valid_data, verbose, saved, show_progress, validated)
        self.fn_checkpoint.end()
        self.fn_callbacks.on_training_end(self)
        waits = self.fn_start.describe_wait()
        if waits is not None:
            self.logger.warning(waits)
        return fitted

    def fn_prepare(self, train_data: Loader) -> FNTrainDataLoader:
        """Builds the training step for a training set; `fit` calls it.

        Returns:
            The loader to train with: `train_data`, or a loader of windows.
        """
        if self.fn_step is None:
            prepared = setup.prepare(self.config, self.model, self.fn_parts, train_data)
            self.fn_step, self.fn_loader = prepared
        return self.fn_loader

    @property
    def fn_state(self) -> RunState:
        """The history of the run: when extraction started, and its statistics."""
        return self.fn_start.state

    @property
    def fn_has_extracted(self) -> bool:
        """Whether extraction has started."""
        return self.fn_parts.treatment.extracts and self.fn_state.started is not None

    @property
    def fn_train_dataset(self) -> Dataset:
        """The built training set; its rows are those of the memory."""
        dataset: Dataset = dataset_of(self.fn_loader)
        return dataset

    @property
    def fn_sampler(self) -> FNSampler:
        """RecBole's sampler of the training set, which knows the users' histories."""
        sampler: FNSampler = sampler_of(self.fn_loader)
        return sampler

    def resume_checkpoint(self, resume_file: str | Path) -> None:
        """Makes the next `fit` continue from a checkpoint.

        Raises:
            InputError: if the checkpoint cannot be loaded, or is one of plain RecBole or of a
                run with other keys. `fit` raises it for other data.
        """
        with self.fn_checkpoint.reading(resume_file):
            super().resume_checkpoint(resume_file)

    def _train_epoch(
        self,
        train_data: FNTrainDataLoader,
        epoch_idx: int,
        loss_func: Callable[..., BatchLosses] | None = None,
        show_progress: bool = False,
    ) -> float:
        with self.fn_checkpoint.epoch(epoch_idx) as cursor:
            self._fn_begin_when_due(epoch_idx)
            self.fn_step.stats = cursor.stats
            loss = loss_func or self.fn_step.loss
            at_once = can_stop_within_epochs(self)
            self._fn_loss = EpochLoss(self, epoch_idx, loss, cursor, self._fn_after_step, at_once)
            begin = perf_counter()
            # Importing any sequential model imports RecBole's SINE, which leaves autograd's
            # anomaly detection on for the whole process; an epoch takes twice as long with it.
            with torch.autograd.set_detect_anomaly(False), self._fn_loss.watching():
                losses = super()._train_epoch(train_data, epoch_idx, self._fn_loss, show_progress)
            seconds = perf_counter() - begin - self.fn_checkpoint.seconds
        return self._fn_end_epoch(epoch_idx, self.fn_checkpoint.end_epoch(losses), seconds)

    def _valid_epoch(
        self, valid_data: Loader, show_progress: bool = False
    ) -> tuple[float, Metrics]:
        validate = super()._valid_epoch
        self.fn_start.measure_popularity(self, lambda: validate(valid_data))
        score, result = validate(valid_data, show_progress)
        self.fn_state.scores.append(higher_is_better(score, self.valid_metric_bigger))
        self.fn_state.last_result = {name: float(value) for name, value in result.items()}
        return score, result

    def _check_nan(self, loss: Tensor) -> None:
        if self._fn_loss is not None:
            self._fn_loss.require_finite(loss)

    def _fn_begin_when_due(self, epoch: int) -> None:
        reason = self.fn_start.due(epoch, list(self.train_loss_dict.values()))
        if reason is not None:
            self.fn_step.start()
            self.cur_step = 0  # early stopping waits anew: the training has changed
            self.logger.info(reason)

    def _fn_after_step(self) -> None:
        self.fn_step.after_step()
        self.fn_callbacks.on_step_end(self, self.fn_step.steps)
        self.fn_checkpoint.after_step()

    def _fn_end_epoch(self, epoch: int, loss: float, seconds: float) -> float:
        figures = self.fn_step.end_epoch(epoch)
        if figures is not None:
            self.fn_state.figures[epoch] = figures
        set_stopping_step(self, epoch + 1)
        self.fn_callbacks.on_epoch_end(self, Epoch(epoch, loss, seconds, figures))
        return loss
