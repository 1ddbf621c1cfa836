"""Every `tune_` key: its default, what it may be, and the frozen object that holds them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recbole_fn.config.constraints import (
    Constraint,
    check,
    constraints_of,
    integer,
    is_number,
    key,
    one_of,
)

PREFIX = "tune_"
_POSITIVE = Constraint("a number above 0", lambda v: is_number(v) and v > 0)
_GPUS = Constraint(
    "a number from 0 up to 1, or an integer",
    lambda v: is_number(v) and (0 <= v <= 1 or (v > 1 and v == int(v))),
)


@dataclass(frozen=True)
class TuneSettings:
    """The `tune_` keys of a search, read and checked once.

    Attributes:
        scheduler: What stops weak trials early: `asha`, `median` (worse than the median of the
            others' averages), or `none`.
        grace_epochs: Epochs that a trial trains before it may be stopped.
        search: How keys are chosen: `random`, `grid` (all combinations of all keys, each once),
            `optuna`, or `hyperopt`.
        num_samples: Trials; with `random` and keys of `grid`, trials for each combination of
            these; with `grid` it is not used.
        concurrency: Trials at a time; None for as many as there are CPUs for.
        cpus_per_trial: CPUs of a trial, each with a thread.
        gpus_per_trial: GPUs of a trial, or a share of one; None for one where there are GPUs.
        time_budget: Seconds after which the search ends; None for no end.
        seed: The seed of the search; a trial's is RecBole's key `seed`.
        max_failures: How often a trial that fails is tried again.

    Examples:
        >>> TuneSettings.from_keys({"tune_num_samples": 50, "epochs": 9}).num_samples
        50
        >>> TuneSettings.from_keys({"tune_scheduler": "none", "tune_seed": -1})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: tune_seed is -1; it must be ...
    """

    scheduler: str = key("asha", one_of("asha", "median", "none"))
    grace_epochs: int = key(10, integer(1, 1_000_000))
    search: str = key("random", one_of("random", "grid", "optuna", "hyperopt"))
    num_samples: int = key(20, integer(1, 1_000_000))
    concurrency: int | None = key(None, integer(1, 1_000_000))
    cpus_per_trial: int = key(1, integer(1, 1_000_000))
    gpus_per_trial: float | None = key(None, _GPUS)
    time_budget: float | None = key(None, _POSITIVE)
    seed: int = key(2020, integer(0, (1 << 32) - 1))
    max_failures: int = key(2, integer(0, 1_000_000))

    @classmethod
    def from_keys(cls, keys: Mapping[str, Any]) -> "TuneSettings":
        """Reads the `tune_` keys out of a mapping that may hold any other keys too.

        Args:
            keys: The mapping.

        Raises:
            InputError: for an unknown `tune_` key (naming the nearest known one), and for a value
                that is of the wrong type or out of range.
        """
        ours = {name: value for name, value in keys.items() if name.startswith(PREFIX)}
        for name, value in ours.items():
            check(name, value, CONSTRAINTS)
        known = {name: value for name, value in ours.items() if value is not None}
        return cls(**{name[len(PREFIX) :]: value for name, value in known.items()})


CONSTRAINTS: dict[str, Constraint] = constraints_of(TuneSettings, PREFIX)
