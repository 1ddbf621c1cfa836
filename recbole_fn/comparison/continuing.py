"""Lets a job go on from its last checkpoint, where the result is that of a job never stopped."""

from collections.abc import Mapping
from logging import getLogger
from pathlib import Path
from typing import Any

from recbole_fn import checkpoint
from recbole_fn.checkpoint import resuming
from recbole_fn.comparison.best_weights import BestWeights
from recbole_fn.comparison.epoch_notes import EpochNotes
from recbole_fn.data.fingerprint import differing, training_set
from recbole_fn.experiment.build import Experiment
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import State


def checkpoint_file(folder: Path, name: str) -> Path:
    """The best checkpoint of a job; the last one and the epochs (`EpochNotes`) are beside it.

    Args:
        folder: Where the jobs' files are.
        name: The job's name.

    Example:
        >>> checkpoint_file(Path("jobs"), "tiny-SASRec-flip-1").as_posix()
        'jobs/checkpoints/tiny-SASRec-flip-1.pth'
    """
    return folder / "checkpoints" / f"{name}.pth"


def epochs_file(best: Path) -> Path:
    """The file of a job's epochs.

    Args:
        best: See `checkpoint_file`.

    Example:
        >>> epochs_file(Path("my.models_Mine-1.pth")).name
        'my.models_Mine-1.json'
    """
    return best.with_suffix(".json")


def go_on(run: Experiment, notes: EpochNotes, best: BestWeights, was_run: bool) -> None:
    """Makes the next `fit` go on from the last checkpoint of a job, or start it anew.

    Args:
        run: The job's run, not trained yet.
        notes: The job's epochs; those before the checkpoint are restored.
        best: The best weights of further rankings, beside the job's checkpoints.
        was_run: Whether the job is known to have been run before.

    Example:
        >>> from recbole_fn.comparison.status import Status
        >>> notes = EpochNotes(Status(folder / "status.json"), folder / "epochs.json", files={})
        >>> go_on(new_run, notes, BestWeights(Path("jobs/my.pth"), "ndcg@10", []), was_run=False)
        >>> new_run.trainer.saved_model_file  # nothing to go on from
        'jobs/my.pth'
    """
    best.path.parent.mkdir(exist_ok=True)
    last = checkpoint.last_file(best.path)
    obstacle = _obstacle(run, notes, best, last)
    if obstacle is None:
        run.trainer.resume_checkpoint(last)
        getLogger().info(f"The job goes on after {len(notes.epochs)} epochs, from {last}.")
        return
    files = [notes.path, last, best.path, *best.files.values()]
    if was_run or any(file.exists() for file in files):
        getLogger().warning(f"The job starts anew: {obstacle}.")
    for file in files:
        file.unlink(missing_ok=True)
    run.trainer.saved_model_file = str(best.path)


def _obstacle(run: Experiment, notes: EpochNotes, best: BestWeights, last: Path) -> str | None:
    """Why a job cannot go on; None if it can."""
    if not isinstance(run.trainer, FNTrainer):
        return "RecBole's own training cannot be resumed exactly"
    if not last.is_file():
        return f"its last checkpoint {str(last)!r} is missing"
    try:
        state = resuming.read(last, "cpu", run.config)
        _require_exact(run, state, last)
        _require_best(run, state, best)
        notes.restore(state["epoch"] + 1)
        validations = [epoch.valid for epoch in notes.history() if epoch.valid is not None]
        best.restore(validations, run.trainer.valid_metric_bigger)
    except InputError as error:
        return str(error)
    return None


def _require_exact(run: Experiment, state: State, last: Path) -> None:
    """Refuses a checkpoint whose run may have differed from this one before it was written."""
    saved, ours = state["config"].final_config_dict, run.config.final_config_dict
    for name, before, now in _differing(_stopping(saved), _stopping(ours)):
        raise InputError(f"{str(last)!r} was saved with {name} {before!r}, this run has {now!r}")
    before, now = saved["epochs"], ours["epochs"]
    if before > now or (before < now and state["fn"]["schedules"]):
        raise InputError(
            f"{str(last)!r} was saved with epochs {before}, this run has {now}; it must not have "
            f"fewer, nor more where the trainer has a schedule of the learning rate"
        )
    if differing(state["fn"]["training_set"], training_set(run.train_data)):
        raise InputError(f"{str(last)!r} was saved on other data")


def _require_best(run: Experiment, state: State, best: BestWeights) -> None:
    """Refuses to go on without the weights to test, which no later validation may surpass."""
    files = list(best.files.values()) if state["fn"]["progress"]["scores"] else []
    if state["epoch"] + 1 >= max(run.trainer.eval_step, 1):
        files.insert(0, best.path)
    for file in files:
        if not file.is_file():
            raise InputError(f"the best checkpoint {str(file)!r} is missing")


def _stopping(config: Mapping[str, Any]) -> dict[str, Any]:
    """What decides when a run is validated and stops, beside `epochs`."""
    step = min(config["eval_step"], config["epochs"])  # as RecBole's trainer does
    patience = config.get("fn_patience")
    return {"eval_step": step, "stopping_step": config["stopping_step"], "fn_patience": patience}


def _differing(
    saved: Mapping[str, Any], ours: Mapping[str, Any]
) -> list[tuple[str, object, object]]:
    return [(name, saved[name], ours[name]) for name in ours if saved[name] != ours[name]]
