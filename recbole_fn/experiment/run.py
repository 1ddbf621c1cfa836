"""Runs an experiment in one call, like `recbole.quick_start`, but without importing Ray."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from logging import getLogger
from typing import Protocol

from recbole.config import Config
from recbole.data.transform import construct_transform
from recbole.utils import get_environment, get_flops, set_color

from recbole_fn.checkpoint import best_file
from recbole_fn.checkpoint.initial_weights import begin_with_weights
from recbole_fn.checkpoint.resuming import configuration, furthest
from recbole_fn.config.type_checks import require_metric
from recbole_fn.distributed.group import Group
from recbole_fn.experiment.build import Experiment, build_experiment
from recbole_fn.experiment.summary import begin_table, without_parts
from recbole_fn.extraction.false_negative_check import check_false_negatives, describe
from recbole_fn.hooks.patching import register
from recbole_fn.hooks.run_log import begin_log, log_style, shows_table
from recbole_fn.hooks.used_keys import require_known_keys, warn_of_idle_keys
from recbole_fn.results.summary import results_table
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.files import alone
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Keys


class ResultQueue(Protocol):
    """A queue between processes.

    Examples:
        >>> from queue import SimpleQueue
        >>> queue: ResultQueue = SimpleQueue()
        >>> queue.put({"best_valid_score": 0.21})
        >>> queue.get()
        {'best_valid_score': 0.21}
    """

    def put(self, result: Keys) -> None:
        """Sends a result."""


def run_recbole_fn(
    model: str | type | None = None,
    dataset: str | None = None,
    config_file_list: list[str] | None = None,
    config_dict: Keys | None = None,
    saved: bool = True,
    queue: ResultQueue | None = None,
    resume: str | None = None,
    init_from: str | None = None,
) -> Keys:
    """Trains and tests a model, with the arguments and the result of RecBole's `run_recbole`.

    Args:
        model: Name of the model, a class of your own, or its path `package.module:Class`. Its
            attribute `trainer_class`, if any, names the trainer.
        dataset: Name of the data set.
        config_file_list: Property files; later ones win. Looked up in the working directory,
            then among the packaged files such as `fn.yaml`.
        config_dict: Keys that win over the files; the command line wins over both.
        saved: Whether to save the best model.
        queue: Also receives the result, if RecBole runs several processes.
        resume: A checkpoint to resume, with its configuration; the keys above may only change
            where and how long to run.
        init_from: A checkpoint of this package or of plain RecBole, with the initial weights.

    Returns:
        `best_valid_score`, `valid_score_bigger`, `best_valid_result` and `test_result`.

    Raises:
        InputError: a ValueError with one line, for a mistake in keys, files or data.
        Interrupted: a KeyboardInterrupt, if Ctrl-C has stopped the run and it can be resumed.

    Examples:
        >>> keys = {"epochs": 1, "show_progress": False, "state": "WARNING"}
        >>> sorted(run_recbole_fn("SASRec", "tiny", ["ufnrec.yaml"], keys))
        ['best_valid_result', 'best_valid_score', 'test_result', 'valid_score_bigger']
    """
    register()
    resume = None if resume is None else furthest(resume)
    config = configuration(model, dataset, config_file_list, config_dict, resume)
    require_known_keys(config)
    # RecBole makes the folder; the system's reason, such as a read-only disk, says it all.
    with mistakes_in("the log's folder"):
        begin_log(config)
    with log_style(config), _alone_with(resume, config, saved):
        warn_of_idle_keys(config)
        result = _run(config, saved, resume, init_from)
    if queue is not None and config["local_rank"] == 0:
        queue.put(result)
    return result


@contextmanager
def _alone_with(resume: str | None, config: Config, saved: bool) -> Iterator[None]:
    """Refuses a checkpoint with which another process goes on: both would write its files."""
    is_first = not config["local_rank"] and not config["offset"]  # of a group
    if resume is None or not saved or not is_first:
        yield
        return
    path = best_file(resume)
    lock = path.with_name(f".{path.name}.lock")
    mistake = f"{resume!r} is resumed by another process; it must end first"
    with alone(path.parent, mistake, lock.name):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _run(config: Config, saved: bool, resume: str | None, init_from: str | None) -> Keys:
    run = build_experiment(config)
    if init_from is not None:
        begin_with_weights(run, init_from)
    # A net: `predict` of a user's class may raise anything.
    with mistakes_in(f"model {config['model']!r}"):
        _log_flops(run)
    if run.valid_data:
        require_metric(config)
    for line in without_parts(run):
        getLogger().warning(line)
    if resume is not None:
        run.trainer.resume_checkpoint(resume)
    if shows_table(config):
        begin_table(run, saved)
    result = _train_and_test(run, saved)
    _log_false_negative_check(run)
    _log_results(config, result, run.trainer.saved_model_file if saved else None)
    return result


def _train_and_test(run: Experiment, saved: bool) -> Keys:
    show = run.config["show_progress"]
    data = (run.train_data, run.valid_data)
    # A run of plain RecBole cannot be resumed.
    stoppable = saved and isinstance(run.trainer, FNTrainer)
    # A net: a user's class, sampler or loss may raise anything; only its words say what.
    with mistakes_in("the training"), closing(run.trainer.tensorboard):
        with run.trainer.fn_checkpoint.stop.listening() if stoppable else nullcontext():
            score, valid_result = run.trainer.fit(*data, saved=saved, show_progress=show)
        Group.of_this_process().wait()  # until the checkpoint is there, which one rank writes
        test_result = run.trainer.evaluate(run.test_data, load_best_model=saved, show_progress=show)
    return {
        "best_valid_score": score,
        "valid_score_bigger": run.config["valid_metric_bigger"],
        "best_valid_result": valid_result,
        "test_result": test_result,
    }


def _log_flops(run: Experiment) -> None:
    """Logs FLOPs like RecBole; needs `predict`, which RecBole's CPR models do not support."""
    transform = construct_transform(run.config)
    try:
        flops = get_flops(run.model, run.dataset, run.config["device"], getLogger(), transform)
    except (AssertionError, NotImplementedError):
        flops = "not counted, the model does not predict single pairs"
    getLogger().info(set_color("FLOPs", "blue") + f": {flops}", extra=DETAIL)


def _log_false_negative_check(run: Experiment) -> None:
    """Logs how many extracted items their users take later, in validation and test."""
    if getattr(run.trainer, "fn_has_extracted", False):
        extracted, hard = check_false_negatives(run.trainer, run.valid_data, run.test_data)
        getLogger().info(f"False negatives? {describe(extracted, hard).capitalize()}.")


def _log_environment(config: Config) -> None:
    """Logs what a run used, like RecBole, which watches the load for a second: only if shown."""
    if getLogger().isEnabledFor(logging.DEBUG if shows_table(config) else logging.INFO):
        environment = get_environment(config).draw()
        getLogger().info(f"The environment of this run:\n{environment}", extra=DETAIL)


def _log_results(config: Config, result: Keys, path: str | None) -> None:
    _log_environment(config)
    table = results_table(result["best_valid_result"], result["test_result"])
    getLogger().info(f"Results:\n{table}")
    if path is not None:
        getLogger().info(f"Checkpoint: {path}")
