"""Trains one side of `benchmark --to-quality` in a process of its own.

It prints a line of JSON before the training, and one for each validation.
"""

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from time import perf_counter, process_time
from typing import Any

from recbole.config import Config

from recbole_fn.benchmark.race import Race, Validation
from recbole_fn.benchmark.setup import CE, configuration
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.loaders import dataset_of
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.experiment.build import Experiment, build_experiment
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Loader

SIDES = ("recbole", "ours")
# RecBole sorts and splits by times in float32; so does our side here: both rank the same.
_OURS = {"fn_whole_times": False}


class Reached(Exception):  # noqa: N818  # it is no mistake
    """Ends a training whose score is as good as its aim.

    Example:
        >>> raise Reached(0.2)
        Traceback (most recent call last):
        recbole_fn.benchmark.quality_side.Reached: 0.2
    """


class Stopwatch:
    """RecBole's `callback_fn`: prints each validation, and ends the training at its aim.

    Args:
        side: Whose training it is.
        aim: The score to reach; None to go on.
        is_bigger_better: Whether a bigger score is better.

    Example:
        >>> Stopwatch("ours", aim=0.2, is_bigger_better=True)(0, 0.1)
        {"side": "ours", "epoch": 1, "score": 0.1, "seconds": ..., "cpu_seconds": ...}
    """

    def __init__(self, side: str, aim: float | None, is_bigger_better: bool) -> None:
        self.side, self.aim, self.is_bigger_better = side, aim, is_bigger_better
        self._begin = perf_counter(), process_time()

    def __call__(self, epoch: int, score: float) -> None:
        """Reports the validation after an epoch, counted from 0."""
        times = perf_counter() - self._begin[0], process_time() - self._begin[1]
        _print(asdict(Validation(self.side, epoch + 1, float(score), *times)))
        if self.aim is not None and reaches(score, self.aim, self.is_bigger_better):
            raise Reached(score)


def reaches(score: float, aim: float, is_bigger_better: bool) -> bool:
    """Whether a score is at least as good as another.

    Example:
        >>> reaches(0.2, 0.2, is_bigger_better=True), reaches(0.3, 0.2, is_bigger_better=False)
        (True, False)
    """
    return score >= aim if is_bigger_better else score <= aim


def train(side: str, race: Race, aim: float | None, folder: str) -> None:
    """Trains one side as users run it, and prints what it does.

    Args:
        side: One of `SIDES`.
        race: What is trained.
        aim: The score that ends the training; None for the end by epochs or early stopping.
        folder: Where checkpoints are saved.

    Example:
        `race_to_quality` calls it in a process of its own:

        >>> train("ours", Race("SASRec", "tiny", None, ("fn.yaml",), epochs=1), None, str(folder))
        {"loading": ...}
        {"side": "ours", "epoch": 1, ...}
    """
    begin = perf_counter()
    config = _config(side, race, folder)
    run = build_experiment(config)
    bigger = bool(config["valid_metric_bigger"])
    loading = perf_counter() - begin
    _print({"loading": loading, "is_bigger_better": bigger, "ranking": _ranking(run)})
    with suppress(Reached):
        watch = Stopwatch(side, aim, bigger)
        run.trainer.fit(run.train_data, run.valid_data, verbose=False, callback_fn=watch)


def _config(side: str, race: Race, folder: str) -> Config:
    keys = {
        "epochs": race.epochs,
        "stopping_step": race.stopping_step,
        "checkpoint_dir": folder,
        **(CE if side == "recbole" else _OURS),
    }
    files = [] if side == "recbole" else race.files
    config = configuration(race.model, race.dataset, race.data_path, files, **keys)
    if side == "ours" and not config["fn_enabled"]:
        raise InputError(
            f"--config_files is {' '.join(files)!r}, which does not set fn_enabled; "
            f"it must be True, as in fn.yaml"
        )
    return config


def _ranking(run: Experiment) -> dict[str, Any]:
    """What validation ranks: it must be the same on both sides."""
    config = run.config
    settings = FNSettings.from_config(config.final_config_dict)
    return {
        "valid_metric": config["valid_metric"],
        "eval_args": str(config["eval_args"]),
        "ranking": settings.main_ranking,
        "rows": _digest(run.valid_data),
    }


def _digest(loader: Loader) -> str:
    """A digest of the users, histories and targets of a loader."""
    dataset, digest = dataset_of(loader), sha256()
    for field in (dataset.uid_field, dataset.iid_field, dataset.item_id_list_field):
        digest.update(dataset.inter_feat[field].numpy().tobytes())
    return digest.hexdigest()


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def _main(side: str, race: str, aim: str, folder: str) -> int:
    try:
        train(side, Race(**json.loads(race)), json.loads(aim), folder)
    except InputError as error:
        _print({"error": str(error)})
        return 2
    return 0


if __name__ == "__main__":
    silence_known_warnings()
    arguments = sys.argv[1:]
    del sys.argv[1:]  # RecBole reads them too
    sys.exit(_main(*arguments))
