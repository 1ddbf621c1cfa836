"""Runs the trials of a search in Ray."""

import os
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import torch

from recbole_fn.environment.ray_session import import_ray, ray_session
from recbole_fn.tune import records
from recbole_fn.tune.data import packed
from recbole_fn.tune.definition import shares_data
from recbole_fn.tune.records import Record
from recbole_fn.tune.search import Search
from recbole_fn.tune.settings import TuneSettings
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


def run_trials(search: Search, config: Config, storage: Storage, address: str | None) -> None:
    """Runs the trials that have not ended, until all have, or the search is stopped.

    Args:
        search: The search.
        config: RecBole's configuration without any key of the space.
        storage: The search's place.
        address: A cluster of Ray; None for this machine.

    Raises:
        InputError: for a mistake in the data, and where no trial has room.

    Examples:
        >>> from recbole_fn.tune.definition import define
        >>> from recbole_fn.tune.dimension import dimensions
        >>> space, fixed = {"fn_flip_after": {"grid": [2, 5]}}, {"fn_enabled": True, "epochs": 1}
        >>> search, config = define(
        ...     "SASRec", "tiny", {}, fixed, dimensions(space), {"tune_num_samples": 1}
        ... )
        >>> storage = Storage("saved/tune")
        >>> run_trials(search, config, storage, address=None)
        >>> [trial.status for trial in records.read_all(storage)]
        ['finished', 'finished']
    """
    import_ray(address)
    from recbole_fn.tune.drawing import num_trials

    trials = records.read_all(storage)
    for trial in trials:
        if trial.done:
            records.write_end(storage, trial)
    left = num_trials(search) - sum(trial.status in records.ENDED for trial in trials)
    if left <= 0:
        return
    data = packed(config) if shares_data(search, config) else None
    with ray_session(address, _local_cpus(search)) as ray:
        gpus = _require_room(search, ray.cluster_resources())
        _fit(search, config, storage, trials, left, gpus, data)


def _fit(
    search: Search,
    config: Config,
    storage: Storage,
    trials: list[Record],
    left: int,
    gpus: float,
    data: bytes | None,
) -> None:
    from ray import tune

    from recbole_fn.environment.compat import run_config
    from recbole_fn.tune.drawing import num_trials
    from recbole_fn.tune.progress import Watch
    from recbole_fn.tune.searchers import NumberedSearcher

    settings, bigger = search.settings, bool(config["valid_metric_bigger"])
    watch = Watch(storage, trials, num_trials(search), config["valid_metric"].lower(), bigger)
    searcher = NumberedSearcher(search, storage, trials, bigger)
    scheduler = _scheduler(search, config, trials, bigger)
    with tempfile.TemporaryDirectory(prefix="recbole_fn-tune-") as scratch:
        places: Any = {"storage_path": scratch, "callbacks": [watch], "verbose": 0}
        tune.Tuner(
            _trainable(search, storage, gpus, data),
            tune_config=_order(settings, left, search_alg=searcher, scheduler=scheduler),
            run_config=run_config(settings.max_failures, **places),
        ).fit()
    watch.show()


def _trainable(search: Search, storage: Storage, gpus: float, data: bytes | None) -> Any:
    """What Ray calls for a trial, with the CPUs and GPUs that it takes."""
    from ray import tune

    from recbole_fn.tune.trial import Place, run_trial

    place = Place(storage, tuple(os.path.abspath(path) for path in sys.path), gpus)
    # Ray keeps these arguments once, in its object store.
    trainable = tune.with_parameters(run_trial, search=search, place=place, data=data)
    return tune.with_resources(trainable, {"cpu": search.settings.cpus_per_trial, "gpu": gpus})


def _order(settings: TuneSettings, left: int, **parts: Any) -> Any:
    """Ray's configuration of which trials run, and when."""
    from ray import tune

    return tune.TuneConfig(
        num_samples=left,
        max_concurrent_trials=settings.concurrency,
        time_budget_s=settings.time_budget,
        reuse_actors=True,
        **parts,
    )


def _scheduler(search: Search, config: Config, trials: Sequence[Record], bigger: bool) -> Any:
    from recbole_fn.tune.scheduling import NumberedScheduler, make_scheduler

    searched = [value for one in search.space if one.name == "epochs" for value in one.extremes]
    inner = make_scheduler(search.settings, max(searched, default=config["epochs"]), bigger)
    if inner is None:
        return None
    scheduler = NumberedScheduler(inner)
    scheduler.replay(trials, bigger)
    return scheduler


def _local_cpus(search: Search) -> int:
    """CPUs that Ray hands out on this machine."""
    settings, cpus = search.settings, os.cpu_count() or 1
    return min(cpus, (settings.concurrency or cpus) * settings.cpus_per_trial)


def _require_room(search: Search, resources: dict[str, float]) -> float:
    """Refuses trials that would wait for ever; returns GPUs of a trial."""
    settings, has = search.settings, {name: resources.get(name, 0.0) for name in ("CPU", "GPU")}
    gpus = settings.gpus_per_trial
    if gpus is None:
        gpus = 1.0 if has["GPU"] and torch.cuda.is_available() else 0.0
    for name, wanted in (("CPU", settings.cpus_per_trial), ("GPU", gpus)):
        if wanted > has[name]:
            raise InputError(
                f"tune_{name.lower()}s_per_trial is {wanted:g}; it must be {has[name]:g} at most, "
                f"which is what there is"
            )
    return gpus
