"""What a run would cost: a few steps are measured with a model that is thrown away."""

import resource
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import recbole.utils
import torch

from recbole_fn.checking.finding import Finding
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.experiment.build import Data, Experiment, build_model
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.folders import standing_in
from recbole_fn.utils.recbole_types import Config

_BYTES_OF_A_PAIR = 16  # of a row and an item that it remembers, at most
# What a run would write or send, and when its dearer steps begin.
_QUIET = {"fn_log": None, "fn_callbacks": None, "fn_save_every": None, "log_wandb": False}


@dataclass(frozen=True)
class Cost:
    """Time and memory of a run.

    Attributes:
        step: Seconds of a training step, the median of the measured ones.
        measured: How many steps were measured.
        steps: Training steps of an epoch.
        validation: Seconds of a validation, from one batch of it.
        validations: Validations for each epoch.
        epochs: Epochs at most.
        held: The most bytes that the process has held, the measured steps included.
        device: What holds them.
        grows: Bytes that the remembered items of all rows take later, at most.

    Example:
        >>> cost = Cost(0.05, 4, 200, 2.0, 1.0, 10, 2**30, "cpu", 0)
        >>> cost.epoch, cost.run
        (12.0, 120.0)
    """

    step: float
    measured: int
    steps: int
    validation: float
    validations: float
    epochs: int
    held: int
    device: str
    grows: int

    @property
    def extracts(self) -> bool:
        """Whether rows remember items."""
        return self.grows > 0

    @property
    def epoch(self) -> float:
        """Seconds of an epoch, with its validation."""
        return self.step * self.steps + self.validation * self.validations

    @property
    def run(self) -> float:
        """Seconds of all epochs."""
        return self.epoch * self.epochs

    def findings(self) -> tuple[Finding, Finding]:
        """The lines of a check."""
        extraction = ", extraction on" if self.extracts else ""
        time = (
            f"{_seconds(self.epoch)} an epoch: {self.steps:,} steps of {_seconds(self.step)} "
            f"(median of {self.measured}{extraction}) and {_seconds(self.validation)} of "
            f"validation (from one batch); {_seconds(self.run)} for all {self.epochs} epochs"
        )
        memory = f"{_size(self.held)} on {self.device} up to the measured steps, data included"
        if self.grows:
            memory += f"; at most {_size(self.grows)} more for the remembered items of all rows"
        return Finding("expected time", time), Finding("expected memory", memory)


def measure(config: Config, data: Data, steps: int, folder: str) -> Cost:
    """Measures training steps, and a batch of validation.

    Args:
        config: RecBole's configuration; changed in place.
        data: The data set and its loaders.
        steps: Training steps to measure; one more comes before them.
        folder: Where the run may write.

    Raises:
        InputError: where a run would stop.

    Example:
        >>> from recbole_fn.experiment.build import load_data
        >>> cost = measure(config, load_data(config), steps=2, folder=str(folder))
        >>> cost.measured, cost.steps  # an epoch has five
        (2, 5)
    """
    config.final_config_dict.update(_QUIET)
    if config["fn_enabled"]:
        config.final_config_dict["fn_start"] = 0  # the teacher and the memory cost too
    dataset, loaders = data
    # A net: a user's class may raise anything; RecBole's keys have been checked.
    with mistakes_in(f"model {config['model']!r}"):
        model = build_model(config, dataset_of(loaders[0]))
        with standing_in(Path(folder)):  # where TensorBoard's folder is made
            trainer = recbole.utils.get_trainer(config["MODEL_TYPE"], config["model"])(
                config, model
            )
            with closing(trainer.tensorboard):
                return _measured(Experiment(config, dataset, *loaders, model, trainer), steps)


def _measured(run: Experiment, steps: int) -> Cost:
    config, first = run.config, FirstBatches(run, steps + 1)
    times = _step_times(first, steps)
    validation = _validation(run) if len(run.valid_data) else 0.0
    return Cost(
        median(times),
        len(times),
        len(first.loader),
        validation,
        1 / config["eval_step"] if config["eval_step"] else 0.0,
        config["epochs"],
        _held(config),
        str(config["device"]),
        _grows(config, len(dataset_of(run.train_data))),
    )


def _step_times(first: FirstBatches, steps: int) -> list[float]:
    """Seconds of so many steps, without the first one; small data sets are passed again."""
    times: list[float] = []
    while len(times) <= steps:
        first.train(epoch=len(times))
        times += [after - before for (before, _), (after, _) in pairwise(first.marks)]
    return times[1 : steps + 1]


def _validation(run: Experiment) -> float:
    """Seconds of a validation, from as many rows as a batch has."""
    loader: Any = run.valid_data
    whole: Any = dataset_of(loader)
    rows = min(len(whole.inter_feat), int(loader.step))
    part = whole.copy(whole.inter_feat[slice(rows)])
    few = type(loader)(run.config, part, sampler_of(loader), shuffle=False)
    run.trainer.eval_collector.data_collect(run.train_data)
    begin = perf_counter()
    run.trainer.evaluate(few, load_best_model=False)
    return (perf_counter() - begin) * (len(whole.inter_feat) / rows)


def _held(config: Config) -> int:
    if torch.device(config["device"]).type == "cuda":
        return int(torch.cuda.max_memory_allocated(config["device"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # bytes there, KiB elsewhere


def _grows(config: Config, rows: int) -> int:
    parts = Parts.of(config.final_config_dict)
    extracts = parts.settings.enabled and parts.treatment.extracts
    return rows * parts.settings.slots * _BYTES_OF_A_PAIR if extracts else 0


def _seconds(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{_number(seconds / size)} {unit}"
    return f"{_number(1000 * seconds)} ms"


def _number(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def _size(size: float) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.0f} MiB"
