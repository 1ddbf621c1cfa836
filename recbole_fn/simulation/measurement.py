"""Trains on a simulated data set and compares extracted items with the truth, epoch by epoch."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recbole.config import Config

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.experiment.build import build_experiment, read_config
from recbole_fn.extraction.counted_pairs import counted_pairs
from recbole_fn.simulation.precision_recall import compare_with_truth
from recbole_fn.simulation.recommended import liked_fraction
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.truth import Truth, read_truth
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError

NEVER = 32_000  # the largest m: counts grow, and nothing is flipped
MODES = ("counts", "flip")
# Keys that a measurement sets itself.
FIXED = ("fn_enabled", "data_path", "dataset", "eval_step", "stopping_step")


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        data: The data set's folder, including its truth.
        model: Name of the model.
        config_files: Property files.
        epochs: Epochs of each training; there is no early stopping.
        ms: Values of m, in any order; each counts once.
        neg_nums: Values of N, likewise.
        modes: `counts` trains once for each N without flipping, so that its counts serve all m;
            `flip` trains for each N and m, which includes the feedback of flipped items.

    Example:
        >>> plan = Plan(Path("world"), "SASRec", (), epochs=9, ms=(5, 2), neg_nums=(100,))
        >>> [(mode, ms) for mode, _, _, ms in plan.trainings()]
        [('counts', [2, 5]), ('flip', [2]), ('flip', [5])]
    """

    data: Path
    model: str
    config_files: tuple[str, ...]
    epochs: int
    ms: tuple[int, ...]
    neg_nums: tuple[int, ...]
    modes: tuple[str, ...] = MODES

    def trainings(self) -> Iterator[tuple[str, int, int, Sequence[int]]]:
        """Mode, N and m of each training, and the values of m that it serves, ascending."""
        ms = sorted(set(self.ms))
        for neg_num in sorted(set(self.neg_nums)):
            if "counts" in self.modes:
                yield "counts", neg_num, NEVER, ms
            if "flip" in self.modes:
                for m in ms:
                    yield "flip", neg_num, m, [m]


def measure(plan: Plan) -> Iterator[dict[str, Any]]:
    """Trains as planned.

    Args:
        plan: What to measure. Keys on the process's command line take precedence.

    Yields:
        For each training, epoch and m a record: `mode`, `neg_num`, `epoch` (from 0), `started`
        (the epoch at which extraction started, None before), `valid_score`,
        `recommended_liked` (the fraction of the ten items recommended at validation that the user
        likes then), and the fields of `PrecisionRecall`.

    Raises:
        InputError: for a data set without its truth, for a mistake in keys, and for keys with which
            nothing is extracted.

    Example:
        >>> from recbole_fn.simulation.options import WorldOptions
        >>> from recbole_fn.simulation.truth import write_data
        >>> from recbole_fn.simulation.world import simulate
        >>> world = write_data(folder, "world", *simulate(WorldOptions(users=20, items=60)))
        >>> plan = Plan(world, "SASRec", ("fn.yaml",), 2, ms=(1,), neg_nums=(10,), modes=("flip",))
        >>> [(record["mode"], record["epoch"]) for record in measure(plan)]
        [('flip', 0), ('flip', 1)]
    """
    truth = read_truth(plan.data)
    for mode, neg_num, flip_after, ms in plan.trainings():
        keys = {"fn_neg_num": neg_num, "fn_flip_after": flip_after}
        for record in _train(plan, truth, keys, ms):
            yield {"mode": mode, "neg_num": neg_num, **record}


def _train(
    plan: Plan, truth: Truth, keys: dict[str, Any], ms: Sequence[int]
) -> list[dict[str, Any]]:
    """The records of one training."""
    config = _config(plan, keys)
    _require_extraction(config)
    run = build_experiment(config)
    train_data = run.train_data
    rows = row_truth(truth, dataset_of(train_data), sampler_of(train_data))
    valid_set = dataset_of(run.valid_data)
    valid_rows = row_truth(truth, valid_set, sampler_of(train_data))
    records: list[dict[str, Any]] = []

    def after_epoch(epoch: int, valid_score: float) -> None:
        pairs = counted_pairs(run.trainer.fn_step.memory.state_dict())
        common = {
            "epoch": epoch,
            "started": run.trainer.fn_state.started,
            "valid_score": float(valid_score),
            "recommended_liked": liked_fraction(run, valid_rows, valid_set),
        }
        records.extend(
            {**common, **asdict(figures)} for figures in compare_with_truth(pairs, rows, ms)
        )

    run.trainer.fit(train_data, run.valid_data, verbose=False, saved=False, callback_fn=after_epoch)
    return records


def _require_extraction(config: Config) -> None:
    parts = Parts.of(config.final_config_dict)
    settings = parts.settings
    if not settings.enabled or not parts.treatment.extracts:
        raise InputError(
            f"with fn_strategy {settings.strategy!r} and train_stage {config['train_stage']!r} "
            f"nothing is extracted; fn_strategy must be one that extracts, such as flip"
        )


def _config(plan: Plan, keys: dict[str, Any]) -> Config:
    fixed = {
        "fn_enabled": True,
        "data_path": str(plan.data.parent),
        "epochs": plan.epochs,
        "eval_step": 1,
        "stopping_step": plan.epochs + 1,
        "show_progress": False,
        "state": "ERROR",
    }
    return read_config(plan.model, plan.data.name, plan.config_files, {**fixed, **keys})
