"""Runs one job of a comparison in this process, and writes its result."""

import sys
from pathlib import Path
from typing import Any

import torch

from recbole_fn.checkpoint import plain_config
from recbole_fn.comparison.best_weights import BestWeights
from recbole_fn.comparison.continuing import checkpoint_file, epochs_file, go_on
from recbole_fn.comparison.data_files import require_same_files
from recbole_fn.comparison.epoch_notes import EpochNotes
from recbole_fn.comparison.explanations import for_report
from recbole_fn.comparison.finished import result_file
from recbole_fn.comparison.plan import Job
from recbole_fn.comparison.status import Status, status_file
from recbole_fn.comparison.testing import Tested, evaluate_test
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.fingerprint import fingerprint
from recbole_fn.data.loaders import dataset_of
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.experiment.build import Experiment, build_experiment
from recbole_fn.experiment.summary import begin_table
from recbole_fn.feedback.input_embedding import kind_vectors
from recbole_fn.hooks.run_log import begin_log, log_style, shows_table
from recbole_fn.results.job_result import JobResult
from recbole_fn.training.attach import attach
from recbole_fn.training.stopping import Patience
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.files import write_whole
from recbole_fn.utils.folders import is_writable
from recbole_fn.utils.recbole_types import Config, Keys
from recbole_fn.utils.trainer_type import Trainer


def run(job: Job, folder: Path) -> None:
    """Runs a job; its status tells meanwhile what it is doing.

    Args:
        job: The job.
        folder: Where its files go.

    Raises:
        InputError: for a mistake in keys, files or data.

    Example:
        >>> run(jobs[0], folder)
        >>> result_file(folder, jobs[0].name).is_file()
        True
    """
    status = Status(status_file(folder, job.name))
    try:
        config = job.config()
        if not is_writable(Path(config["checkpoint_dir"])):  # which a job has no use for
            config["checkpoint_dir"] = str(folder / "checkpoints")
        with log_style(config):
            _run(job, config, folder, status)
    finally:
        status.end()


def _run(job: Job, config: Config, folder: Path, status: Status) -> None:
    """Trains, tests and writes the job's files (`JobResult`, `TargetRanks`)."""
    path, result_path = checkpoint_file(folder, job.name), result_file(folder, job.name)
    files = require_same_files(job, config)
    notes = EpochNotes(status, epochs_file(path), files)
    experiment = _build(config)
    trainer = experiment.trainer
    best = BestWeights(path, trainer.valid_metric, _further_rankings(experiment))
    go_on(experiment, notes, best, was_run=result_path.is_file())
    status.begin(trainer.epochs, trainer.valid_metric, len(notes.epochs))
    # RecBole's SINE leaves it on for all variants; it doubles the time and changes no number.
    torch.autograd.set_detect_anomaly(False)
    valid = _fit(experiment, notes, best)
    tested = evaluate_test(experiment, best.files)
    notes.save()
    measured = {
        **_what(job, experiment),
        **_training(trainer, notes),
        **_figures(notes, valid, tested, files),
        "ranks": None if tested.notes is None else f"{job.name}.npz",
        "kinds": kind_vectors(experiment.model),
    }
    _write(result_path, experiment, measured, tested)
    trainer.tensorboard.close()  # it writes from a thread, which does not outlive the process


def _write(path: Path, experiment: Experiment, measured: Keys, tested: Tested) -> None:
    """Writes what was measured, and what the report needs beside it."""
    ranks = tested.target_ranks(popularity := item_users(experiment.train_data))
    path.unlink(missing_ok=True)  # of fewer epochs: other ranks must not come beside it
    if ranks is not None:
        ranks.save(path.with_suffix(".npz"))
    result = JobResult(**measured, **for_report(experiment, popularity))
    write_whole(path, result.to_json())


def _build(config: Config) -> Experiment:
    begin_log(config)
    run = build_experiment(config)
    if shows_table(config):
        begin_table(run, saved=False)
    return run


def _fit(run: Experiment, notes: EpochNotes, best: BestWeights) -> Any:
    """Trains, and returns the metrics of the best validation."""
    notes.save()  # before the first checkpoint
    # The notes come first: they may be ahead of a checkpoint, and never behind it.
    attach(run.trainer, notes)
    attach(run.trainer, best)
    if not isinstance(run.trainer, FNTrainer):
        attach(run.trainer, Patience())  # all variants stop by the same rule
    _, valid = run.trainer.fit(run.train_data, run.valid_data)
    return valid


def _further_rankings(run: Experiment) -> list[str]:
    return FNSettings.from_config(run.config.final_config_dict).also_rankings


def _what(job: Job, run: Experiment) -> dict[str, Any]:
    return {
        "dataset": job.dataset,
        "model": job.model,
        "variant": job.variant,
        "seed": job.seed,
        "keys": job.keys,
        "config": plain_config(run.config).final_config_dict,
        "valid_metric": run.trainer.valid_metric,
        "training_set": fingerprint(dataset_of(run.train_data)),
        "num_parameters": sum(p.numel() for p in run.model.parameters() if p.requires_grad),
    }


def _training(trainer: Trainer, notes: EpochNotes) -> dict[str, Any]:
    history = notes.history()
    seconds = [epoch.seconds for epoch in history]
    started = None
    if isinstance(trainer, FNTrainer) and trainer.fn_has_extracted:
        started = trainer.fn_state.started
    return {
        "epochs": len(history),
        "best_epoch": notes.best,
        "extraction_started": started,
        "seconds_per_epoch": sum(seconds) / max(len(seconds), 1),
        "history": history,
    }


def _figures(notes: EpochNotes, valid: Any, tested: Tested, files: Any) -> dict[str, Any]:
    return {
        "files": files,
        "valid": _floats(valid),
        "test": _floats(tested.metrics),
        "seconds": notes.seconds,
        "peak_memory_bytes": peak_memory(),
        "peak_gpu_memory_bytes": _peak_gpu_memory(),
    }


def _floats(metrics: Any) -> dict[str, float]:
    return {name: float(value) for name, value in (metrics or {}).items()}


def peak_memory() -> int:
    """The most memory that this process has held, in bytes.

    Example:
        >>> peak_memory() > 1 << 20  # 1 MiB
        True
    """
    status = Path("/proc/self/status")
    if status.is_file():  # `getrusage` counts the process that started this one, too
        (line,) = [text for text in status.read_text().splitlines() if text.startswith("VmHWM")]
        return int(line.split()[1]) << 10
    import resource  # Windows has none

    unit = 1 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak_gpu_memory() -> int | None:
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
