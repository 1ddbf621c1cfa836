"""What this package reads of RecBole's trainer."""

from collections.abc import Callable
from logging import Logger
from typing import Any, Protocol

import torch
from torch import nn

from recbole_fn.utils.part_types import Board
from recbole_fn.utils.recbole_types import Config, Model


class Trainer(Protocol):
    """RecBole's trainer, as its callbacks and checkpoints see it.

    Examples:
        RecBole or `build_experiment` makes it; the epochs that are left:

        >>> from types import SimpleNamespace
        >>> trainer: Trainer = SimpleNamespace(start_epoch=3, epochs=5)
        >>> list(range(trainer.start_epoch, trainer.epochs))
        [3, 4]
    """

    config: Config
    model: Model
    device: torch.device
    logger: Logger
    optimizer: torch.optim.Optimizer
    tensorboard: Board
    wandblogger: Any
    saved_model_file: str
    start_epoch: int
    epochs: int
    eval_step: int
    cur_step: int
    stopping_step: int
    valid_metric: str
    valid_metric_bigger: bool
    enable_scaler: bool
    distributed_model: nn.Module
    eval_collector: Any
    evaluator: Any
    best_valid_score: float
    best_valid_result: dict[str, float] | None
    train_loss_dict: dict[int, float]
    _full_sort_batch_eval: Callable[[Any], tuple[Any, ...]]

    def fit(self, train_data: Any, valid_data: Any = None, **options: Any) -> Any:
        """Trains; returns the best validation score and its metrics."""
        ...

    def resume_checkpoint(self, resume_file: str) -> None:
        """Makes the next `fit` go on where a checkpoint ends."""
        ...

    def evaluate(self, eval_data: Any, **options: Any) -> Any:
        """The metrics of a loader's rows."""
        ...
