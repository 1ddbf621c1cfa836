"""A drop-in for RecBole's `objective_function`, for people who have a Tuner of their own."""

from typing import Any

from recbole.utils import init_logger

from recbole_fn.environment import compat
from recbole_fn.experiment.build import build_experiment, read_config
from recbole_fn.tune.validations import Validations


def objective_function(
    config_dict: dict[str, Any] | None = None,
    config_file_list: list[str] | None = None,
    saved: bool = True,
) -> dict[str, Any] | None:
    """Trains with false-negative extraction; takes what RecBole's function of this name does.

    In a trial of Ray Tune it reports every validation, so a scheduler can stop it: all metrics,
    `score` (of `valid_metric`), `best_score` so far, and `epoch` (trained so far). It does not
    test. RecBole's reports the test, once, and returns a value besides, which ASHA trips over.

    Args:
        config_dict: Keys that win over the files.
        config_file_list: Property files. A trial stands in a folder of its own, so paths that are
            not of packaged files are absolute; so is `data_path`.
        saved: Whether to save the best model.

    Returns:
        None in a trial of Ray Tune; elsewhere what RecBole's function returns.

    Raises:
        InputError: for a mistake in keys, files or data.

    Examples:
        With a Tuner of your own:

        >>> from recbole_fn.environment.ray_session import ray_session
        >>> from pathlib import Path
        >>> path = str(Path("dataset").resolve())
        >>> def trainable(keys):
        ...     fixed = {"model": "SASRec", "dataset": "tiny", "data_path": path, "epochs": 2}
        ...     objective_function({**fixed, **keys}, ["fn.yaml"])
        >>> with ray_session(cpus=1):
        ...     from ray import tune
        ...     quiet = compat.run_config(0, verbose=0, storage_path=str(folder.resolve()))
        ...     space = {"fn_flip_after": tune.grid_search([2, 5])}
        ...     trials = tune.Tuner(trainable, param_space=space, run_config=quiet).fit()
        >>> [trial.metrics["epoch"] for trial in trials]
        [2, 2]
    """
    config = read_config(files=config_file_list, keys=config_dict)
    init_logger(config)
    run = build_experiment(config)
    in_trial = compat.in_trial()
    validations = Validations(run.trainer)

    def validated(epoch: int, score: float) -> None:
        metrics = validations.report()
        if in_trial:
            compat.report(metrics)

    data = (run.train_data, run.valid_data)
    score, valid = run.trainer.fit(*data, verbose=False, saved=saved, callback_fn=validated)
    if in_trial:
        return None
    return {
        "model": config["model"],
        "best_valid_score": score,
        "valid_score_bigger": config["valid_metric_bigger"],
        "best_valid_result": valid,
        "test_result": run.trainer.evaluate(run.test_data, load_best_model=saved),
    }
