"""Defines a search from keys and a space, and checks it before any trial starts."""

from collections.abc import Iterable
from typing import Any

from recbole_fn.config.settings import CONSTRAINTS
from recbole_fn.data.origin import OF_KINDS, keys_of_dataset
from recbole_fn.tune.comparable import require_comparable
from recbole_fn.tune.dimension import Dimension, Keys
from recbole_fn.tune.inner_keys import is_given, outer_values
from recbole_fn.tune.paths import Paths, absolute_files
from recbole_fn.tune.search import Search, read_config
from recbole_fn.tune.settings import PREFIX, TuneSettings
from recbole_fn.tune.space import require_readable
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config

# What makes a data set what it is, beside the keys that RecBole's data sets read.
_OF_DATA = {"data_path", "save_dataset", "fn_enabled", "fn_whole_times", "fn_loss", "train_stage"}


def define(
    model: str,
    dataset: str,
    in_files: Keys,
    fixed: Keys,
    space: Iterable[Dimension],
    tune_keys: Keys,
) -> tuple[Search, Any]:
    """Defines a search, and checks it.

    Args:
        model: Name of the model, or `package.module:Class`.
        dataset: Name of the data set.
        in_files: Keys of property files; `tune_` keys among them count least.
        fixed: Keys that win over the files and over the space; `tune_` keys count most.
        space: The space.
        tune_keys: `tune_` keys that come with it.

    Returns:
        The search, and the configuration without any key of the space.

    Raises:
        InputError: for a mistake in a key, the space or the settings.

    Examples:
        >>> from recbole_fn.tune.dimension import dimensions
        >>> space = dimensions({"fn_flip_after": {"choice": [2, 5, 8]}})
        >>> fixed = {"fn_enabled": True, "epochs": 9}
        >>> search, config = define("SASRec", "tiny", {}, fixed, space, {})
        >>> search.space[0].values, config["epochs"]
        ((2, 5, 8), 9)
    """
    settings = TuneSettings.from_keys({**in_files, **tune_keys, **fixed})
    given = {k: v for k, v in {**in_files, **fixed}.items() if not k.startswith(PREFIX)}
    shared = absolute_files(given)
    left = tuple(one for one in space if not is_given(one.name, fixed))
    config = read_config(model, dataset, None, shared)
    outer = outer_values(left, config.final_config_dict)
    require_readable(left, {**config.final_config_dict, **outer}, _known(config))
    require_comparable(left)
    _require_listed(left, settings)
    paths = Paths(config, left)
    nested, ours = paths.absolute(outer), paths.absolute_space(left)
    search = Search(model, dataset, paths.absolute(shared), ours, nested, settings)
    # What is written is what is run: tuples become lists.
    return Search.from_text(search.as_text()), config


def shares_data(search: Search, config: Config) -> bool:
    """Whether one data set is right for all trials.

    Args:
        search: The search.
        config: RecBole's configuration of any trial.

    Examples:
        >>> from types import SimpleNamespace
        >>> config = SimpleNamespace(parameters={"Dataset": ["load_col"]})
        >>> space = (Dimension("load_col", "choice", (None,)),)
        >>> shares_data(Search("SASRec", "tiny", {}, space, {}, TuneSettings()), config)
        False
    """
    of_data = keys_of_dataset(config) | OF_KINDS | _OF_DATA
    return not any(one.name.split(".")[0] in of_data for one in search.space)


def _known(config: Config) -> set[str]:
    """All keys that RecBole, the model, its files and this package have."""
    arguments = {name for names in config.parameters.values() for name in names}
    return {*config.final_config_dict, *arguments, *CONSTRAINTS, *keys_of_dataset(config)}


def _require_listed(space: tuple[Dimension, ...], settings: TuneSettings) -> None:
    """Grid search needs lists; optuna and hyperopt choose by themselves."""
    if not space:
        raise InputError(
            "every key of the space has a fixed value; at least one must be left to the search"
        )
    for one in space:
        if settings.search == "grid" and one.kind not in ("choice", "grid"):
            raise InputError(
                f"{one.name} of the space is {one.kind}; with tune_search: grid it must be "
                f"choice or grid"
            )
        if settings.search in ("optuna", "hyperopt") and one.kind == "grid":
            raise InputError(
                f"{one.name} of the space is grid; with tune_search: {settings.search} it must "
                f"be another one, such as choice"
            )
