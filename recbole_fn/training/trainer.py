"""RecBole's trainer with false-negative extraction and a teacher, through RecBole's own hooks."""

from time import perf_counter
from typing import Any

import torch
from recbole.trainer import Trainer

from recbole_fn.checkpoint.last import LastCheckpoint
from recbole_fn.config.switch import SwitchedOn
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.evaluation.collector import FNCollector
from recbole_fn.training import setup
from recbole_fn.training.callbacks import Epoch
from recbole_fn.training.epoch_loss import EpochLoss
from recbole_fn.training.parts import Parts
from recbole_fn.training.start import Start, higher_is_better


class FNTrainer(SwitchedOn, Trainer):
    """Trains with hard negatives that become positives (UFNRec, arXiv 2208.04116).

    Mixed into the trainer class that RecBole would use for the model. The loops are RecBole's;
    the loss, the start of extraction, the weights of evaluation and the checkpoint are ours.

    Attributes:
        fn_parts: Sampler, loss, treatment and callbacks, as the configuration names them.
        fn_start: Decides when extraction starts; its state is `fn_state`.
        fn_step: Memory, teacher and loss; None before `fit`.
        fn_loader: The loader that it trains with; None before `fit`.
        fn_checkpoint: Writes checkpoints, and resumes.
        fn_callbacks: Watch the training; `append` adds one.
    """

    def __init__(self, config: Any, model: Any) -> None:
        super().__init__(config, model)
        self.fn_parts = parts = Parts.of(config.final_config_dict)
        rule, averages = parts.settings.start, parts.treatment.averages
        self.fn_start = Start(rule, averages, parts.what_starts)
        self.fn_checkpoint = LastCheckpoint(self, parts.settings.save_every)
        self.fn_callbacks = setup.callbacks(parts, self.tensorboard)
        self.fn_step: Any = None
        self.fn_loader: Any = None
        self.eval_collector = FNCollector(config)
        self._fn_loss: EpochLoss | None = None

    def fit(
        self,
        train_data: Any,
        valid_data: Any = None,
        verbose: bool = True,
        saved: bool = True,
        show_progress: bool = False,
        callback_fn: Any = None,
    ) -> Any:
        """Trains; takes and returns what RecBole's `Trainer.fit` does."""
        loader = self.fn_prepare(train_data)
        self.fn_checkpoint.begin(saved)
        self.fn_checkpoint.resume()
        if self.fn_checkpoint.finished:
            self.eval_collector.data_collect(loader)
            return self.best_valid_score, self.best_valid_result

        def validated(epoch: int, score: Any) -> None:
            result = self.fn_state.last_result
            self.fn_callbacks.on_validation_end(self, epoch, float(score), result)
            self.fn_checkpoint.after_validation(epoch)
            if callback_fn is not None:
                callback_fn(epoch, score)

        result = super().fit(loader, valid_data, verbose, saved, show_progress, validated)
        self.fn_checkpoint.end()
        self.fn_callbacks.on_training_end(self)
        waits = self.fn_start.describe_wait()
        if waits is not None:
            self.logger.warning(waits)
        return result

    def fn_prepare(self, train_data: Any) -> Any:
        """Builds the training step for a training set; `fit` does so by itself.

        Returns:
            The loader to train with: the given one, or one of windows.
        """
        if self.fn_step is None:
            prepared = setup.prepare(self.config, self.model, self.fn_parts, train_data)
            self.fn_step, self.fn_loader = prepared
        return self.fn_loader

    @property
    def fn_state(self) -> Any:
        """When extraction started, and what it did in each epoch."""
        return self.fn_start.state

    @property
    def fn_has_extracted(self) -> bool:
        """Whether extraction has started."""
        return self.fn_parts.treatment.extracts and self.fn_state.started is not None

    @property
    def fn_train_dataset(self) -> Any:
        """The built training set; its rows are those of the memory."""
        return dataset_of(self.fn_loader)

    @property
    def fn_sampler(self) -> Any:
        """RecBole's sampler of the training set, which knows the users' histories."""
        return sampler_of(self.fn_loader)

    def evaluate(
        self,
        eval_data: Any,
        load_best_model: bool = True,
        model_file: str | None = None,
        show_progress: bool = False,
    ) -> Any:
        """Evaluates with the teacher's weights once extraction is on; see RecBole's `evaluate`.

        Raises:
            InputError: if the checkpoint cannot be loaded.
        """
        if load_best_model and eval_data:
            self.fn_checkpoint.load_weights(model_file or self.saved_model_file)
        if self.fn_step is None:
            return super().evaluate(eval_data, False, None, show_progress)
        with self.fn_step.evaluation_weights():
            return super().evaluate(eval_data, False, None, show_progress)

    def resume_checkpoint(self, resume_file: Any) -> None:
        """Makes the next `fit` go on where a checkpoint was saved.

        Raises:
            InputError: if the checkpoint cannot be loaded, is one of plain RecBole or of a run
                with other keys. `fit` raises it if it is of another training set.
        """
        with self.fn_checkpoint.reading(resume_file):
            super().resume_checkpoint(resume_file)

    def _train_epoch(
        self, train_data: Any, epoch_idx: int, loss_func: Any = None, show_progress: bool = False
    ) -> float:
        with self.fn_checkpoint.epoch(epoch_idx) as cursor:
            self._fn_begin_when_due(epoch_idx)
            self.fn_step.stats = cursor.stats
            loss = loss_func or self.fn_step.loss
            self._fn_loss = EpochLoss(self, epoch_idx, loss, cursor, self._fn_after_step)
            begin = perf_counter()
            # Importing any sequential model imports RecBole's SINE, which leaves autograd's
            # anomaly detection on for the whole process; an epoch takes twice as long with it.
            with torch.autograd.set_detect_anomaly(False), self._fn_loss.watching():
                losses = super()._train_epoch(train_data, epoch_idx, self._fn_loss, show_progress)
            seconds = perf_counter() - begin - self.fn_checkpoint.seconds
        return self._fn_end_epoch(epoch_idx, self.fn_checkpoint.end_epoch(losses), seconds)

    def _valid_epoch(self, valid_data: Any, show_progress: bool = False) -> Any:
        validate = super()._valid_epoch
        self.fn_start.measure_popularity(self, lambda: validate(valid_data))
        score, result = validate(valid_data, show_progress)
        self.fn_state.scores.append(higher_is_better(score, self.valid_metric_bigger))
        self.fn_state.last_result = {name: float(value) for name, value in result.items()}
        return score, result

    def _full_sort_batch_eval(self, batched_data: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.fn_step is not None:
            interaction, *rest = batched_data
            batched_data = (self.fn_step.batching.trim(interaction), *rest)
        batch: tuple[Any, ...] = super()._full_sort_batch_eval(batched_data)
        return batch

    def _check_nan(self, loss: Any) -> None:
        if self._fn_loss is not None:
            self._fn_loss.require_finite(loss)

    def _map_reduce(self, result: Any, num_sample: int) -> Any:
        """The metrics as they are: of all rows, on every rank. RecBole averages those of ranks."""
        return result

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
        figures = self.fn_step.end_epoch()
        if figures is not None:
            self.fn_state.figures[epoch] = figures
        self.fn_callbacks.on_epoch_end(self, Epoch(epoch, loss, seconds, figures))
        return loss
