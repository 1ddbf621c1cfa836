"""A search from one call: define, check, run, conclude."""

import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from recbole_fn.config.evaluation_values import require_part
from recbole_fn.hooks.command_line import command_line
from recbole_fn.hooks.file_keys import keys_of_dict, keys_of_files
from recbole_fn.tune.data_files import require_same_files
from recbole_fn.tune.definition import define
from recbole_fn.tune.dimension import Keys, dimensions
from recbole_fn.tune.results import SearchResult, conclude
from recbole_fn.tune.running import run_trials
from recbole_fn.tune.search import Search, read_config
from recbole_fn.tune.settings import PREFIX, TuneSettings
from recbole_fn.tune.space import read_space
from recbole_fn.tune.storage import Storage
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import alone, fingerprint
from recbole_fn.utils.recbole_types import Config

_FILE = "search.yaml"


def tune(
    model: str = "SASRec",
    dataset: str = "ml-100k",
    config_file_list: Sequence[str] | None = None,
    config_dict: Keys | None = None,
    space: str | Sequence[str] | Keys = "tune/fn.yaml",
    out: str | None = None,
    ray_address: str | None = None,
) -> SearchResult:
    """Searches for the keys with the best validation score, with Ray Tune.

    Args:
        model: Name of the model; a class of your own is `package.module:Class`.
        dataset: Name of the data set.
        config_file_list: Property files, as in `run_recbole_fn`.
        config_dict: Keys that win over the files and are not searched over; `tune_` keys too. The
            command line is not read.
        space: A file, or several, with the space and `tune_` keys; or {key: {kind: values}}.
        out: A folder, or an address such as `s3://bucket/folder`; by default `saved/tune-` and a
            hash of the search.
        ray_address: A cluster of Ray.

    Raises:
        InputError: for a mistake in names, keys, files, space or data, before any trial starts.

    Examples:
        >>> space = {"fn_flip_after": {"choice": [2, 5]}, "tune_num_samples": 2}
        >>> result = tune("SASRec", "tiny", ["fn.yaml"], {"epochs": 2}, space)
        >>> result.best_keys["fn_flip_after"] in (2, 5)
        True
    """
    in_files = keys_of_files(config_file_list)
    fixed = keys_of_dict(config_dict)
    if isinstance(space, dict):
        tune_keys = {name: value for name, value in space.items() if name.startswith(PREFIX)}
        searched = dimensions({k: v for k, v in space.items() if k not in tune_keys})
    else:
        searched, tune_keys = read_space([space] if isinstance(space, str) else space)
    search, config = define(model, dataset, in_files, fixed, searched, tune_keys)
    _require_validation(config)
    place = out or f"saved/tune-{fingerprint({'search': search.as_text()})}"
    storage = Storage(place)
    if storage.has(_FILE):
        raise InputError(
            f"out is {storage.place!r}, which holds a search; it must be another place "
            f"(tune --resume={storage.place} goes on with that search)"
        )
    left = {one.name for one in search.space}
    given = [one.name for one in searched if one.name not in left]
    return _run(search, config, storage, ray_address, given)


def resume(
    place: str, tune_keys: Keys | None = None, ray_address: str | None = None
) -> SearchResult:
    """Goes on with a search that was stopped; trials that have ended are kept.

    Args:
        place: Where its files are.
        tune_keys: `tune_` keys that change, such as `tune_num_samples`.
        ray_address: A cluster of Ray.

    Raises:
        InputError: if there is no search, for a mistake in the keys, for `tune_search` or
            `tune_seed` if it changes, and where a data file has changed since the search began.

    Examples:
        >>> space = {"fn_flip_after": {"choice": [2, 5]}, "tune_num_samples": 1}
        >>> fixed, place = {"epochs": 2}, "saved/search"
        >>> first = tune("SASRec", "tiny", ["fn.yaml"], fixed, space, place)
        >>> more = resume(place, {"tune_num_samples": 2})
        >>> more.best_valid_result["mrr@10"] >= first.best_valid_result["mrr@10"]
        True
    """
    storage = Storage(place)
    text = storage.read(_FILE)
    if text is None:
        raise InputError(
            f"resume is {storage.place!r}, which holds no search; it must be the folder of one"
        )
    for name in tune_keys or {}:
        if not name.startswith(PREFIX):
            raise InputError(f"{name} cannot change in a search; it must be left out")
    begun = Search.from_text(text)
    search = begun.with_settings(tune_keys or {})
    _require_same_choice(begun.settings, search.settings)
    config = read_config(search.model, search.dataset, None, search.shared)
    return _run(search, config, storage, ray_address)


def _require_same_choice(begun: TuneSettings, now: TuneSettings) -> None:
    """Other trials would follow from another rule than those that there are."""
    for name in ("search", "seed"):
        before, value = getattr(begun, name), getattr(now, name)
        if value != before:
            raise InputError(
                f"{PREFIX}{name} is {value!r}, and the search began with {before!r}; it cannot "
                f"change, as the trials so far were chosen by it"
            )


def _run(
    search: Search,
    config: Config,
    storage: Storage,
    ray_address: str | None,
    given: Sequence[str] = (),
) -> SearchResult:
    from recbole_fn.tune.drawing import num_trials

    with _alone(storage), tempfile.TemporaryDirectory() as scratch, command_line():
        require_same_files(storage, config)
        storage.write(_FILE, search.as_text())
        run_trials(search, config, storage, ray_address)
        if given:
            names = ", ".join(given)
            print(f"Not searched over, as the call has a value: {names}.", file=sys.stderr)
        require_same_files(storage, config)  # the best trial is tested on what is there now
        return conclude(search, config, storage, num_trials(search), Path(scratch))


def _require_validation(config: Config) -> None:
    if config["eval_step"] < 1:
        raise InputError(
            f"eval_step is {config['eval_step']}; it must be at least 1 in a search, which "
            f"compares trials by their validation scores"
        )

    require_part(config, "validation", "a search")


def _alone(storage: Storage) -> Any:
    """Refuses to go on with a search that another process runs; an address cannot be locked."""
    if storage.folder is None:
        return nullcontext()
    return alone(
        storage.folder,
        f"{storage.place!r} is a search that still runs; wait for its end, or choose another place",
    )
