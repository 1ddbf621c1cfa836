"""Runs an experiment from one call, as `recbole.quick_start` does, but without importing Ray."""

from contextlib import closing, nullcontext
from logging import getLogger
from typing import Any

from recbole.data.transform import construct_transform
from recbole.utils import get_environment, get_flops, set_color

from recbole_fn.checkpoint.initial_weights import begin_with_weights
from recbole_fn.checkpoint.resuming import configuration, furthest
from recbole_fn.config.type_checks import require_metric
from recbole_fn.distributed.group import Group
from recbole_fn.experiment.build import Experiment, build_experiment
from recbole_fn.extraction.false_negative_check import check_false_negatives
from recbole_fn.extraction.false_negative_check import describe as describe_shares
from recbole_fn.hooks.patching import register
from recbole_fn.hooks.run_log import begin_log
from recbole_fn.results.summary import results_table
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.utils.errors import mistakes_in


def run_recbole_fn(
    model: str | type | None = None,
    dataset: str | None = None,
    config_file_list: list[str] | None = None,
    config_dict: dict[str, Any] | None = None,
    saved: bool = True,
    queue: Any = None,
    resume: str | None = None,
    init_from: str | None = None,
) -> dict[str, Any]:
    """Trains and tests a model; takes and returns what RecBole's `run_recbole` does.

    Args:
        model: Name of the model; or a class of your own, or where it is, `package.module:Class`.
            With an attribute `trainer_class` it is trained by that trainer.
        dataset: Name of the data set.
        config_file_list: Property files; later ones win. Looked up where the user stands, then
            among the packaged ones, such as `fn.yaml`.
        config_dict: Keys that win over the files; the command line wins over both.
        saved: Whether to save the best model.
        queue: Receives the result too, where RecBole runs several processes.
        resume: A checkpoint to go on from, with its configuration; of the keys above those may
            differ that only say where and how long to run.
        init_from: A checkpoint, of plain RecBole too, whose weights the model begins with.

    Returns:
        `best_valid_score`, `valid_score_bigger`, `best_valid_result` and `test_result`.

    Raises:
        InputError: a ValueError with one line, for a mistake in keys, files or data.
        Interrupted: a KeyboardInterrupt, when Ctrl-C has stopped the run and it can be resumed.
    """
    register()
    resume = None if resume is None else furthest(resume)
    config = configuration(model, dataset, config_file_list, config_dict, resume)
    with mistakes_in("the log's folder"):
        begin_log(config)
    run = build_experiment(config)
    if init_from is not None:
        begin_with_weights(run, init_from)
    with mistakes_in(f"model {config['model']!r}"):
        _log_flops(run)
    if run.valid_data:
        require_metric(config)
    if resume is not None:
        run.trainer.resume_checkpoint(resume)
    result = _train_and_test(run, saved)
    _log_false_negative_check(run)
    _log_results(config, result, run.trainer.saved_model_file if saved else None)
    if queue is not None and config["local_rank"] == 0:
        queue.put(result)
    return result


def _train_and_test(run: Experiment, saved: bool) -> dict[str, Any]:
    show = run.config["show_progress"]
    data = (run.train_data, run.valid_data)
    # A trainer of plain RecBole has nothing to go on from.
    stoppable = saved and isinstance(run.trainer, FNTrainer)
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
    """Logs what RecBole logs; it runs `predict`, which the CPR models of RecBole refuse."""
    transform = construct_transform(run.config)
    try:
        flops = get_flops(run.model, run.dataset, run.config["device"], getLogger(), transform)
    except (AssertionError, NotImplementedError):
        flops = "not counted, the model does not predict single pairs"
    getLogger().info(set_color("FLOPs", "blue") + f": {flops}")


def _log_false_negative_check(run: Experiment) -> None:
    """Logs whether flipped items are what their users took later; training has not seen that."""
    if getattr(run.trainer, "fn_has_extracted", False):
        shares = check_false_negatives(run.trainer, run.valid_data, run.test_data)
        getLogger().info(f"False negatives? {describe_shares(*shares).capitalize()}.")


def _log_results(config: Any, result: dict[str, Any], path: str | None) -> None:
    getLogger().info(f"The environment of this run:\n{get_environment(config).draw()}")
    table = results_table(result["best_valid_result"], result["test_result"])
    getLogger().info(f"Results:\n{table}")
    if path is not None:
        getLogger().info(f"Checkpoint: {path}")
