"""The hooks of RecBole's `Config`: how it reads files, finds the model, and checks `fn_` keys."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import recbole
import yaml
from recbole.config import Config

from recbole_fn.config.feedback_keys import SMALLER
from recbole_fn.config.nested_keys import merged
from recbole_fn.config.property_files import find_property_file
from recbole_fn.config.user_model import ModelName, find_user_model
from recbole_fn.hooks.fast_yaml import FAST_SAFE_LOADER, fast_loading
from recbole_fn.hooks.implied_keys import check_and_imply
from recbole_fn.hooks.kinds import require_rows_of_ours
from recbole_fn.hooks.original import Original
from recbole_fn.hooks.safe_values import require_values
from recbole_fn.hooks.yaml_mistakes import told_mistakes
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError, nearest
from recbole_fn.utils.recbole_types import Keys

_RECBOLE_MODELS = Path(recbole.__file__).parent / "properties" / "model"


def load_config_files(original: Original, config: Config, file_list: Sequence[str] | None) -> Keys:
    """Hook of `Config._load_config_files`: finds each file, and names the one that is broken.

    Raises:
        InputError: if a file is missing, not UTF-8, not YAML, or not a mapping of keys.

    Examples:
        >>> load_config_files(None, None, [])
        {}
    """
    merged: Keys = {}
    for name in file_list or ():
        path = find_property_file(name)
        with told_mistakes(path), fast_loading(config):
            require_values(path)
            _require_mapping(path)
            keys = original(config, [str(path)])
        _require_names(keys, path)
        merged = {name: merged[name] for name in merged if not _is_replaced(name, keys)} | keys
    return merged


def _is_replaced(name: str, later: Keys) -> bool:
    """Whether a later file sets a key, or a key that it is nested in (`eval_args.mode`)."""
    return any(name == key or name.startswith(f"{key}.") for key in later)


def _require_mapping(path: Path) -> None:
    """Refuses what is YAML and no mapping of keys, such as a sentence."""
    root = yaml.compose(path.read_text(encoding="utf-8"), FAST_SAFE_LOADER)
    if not isinstance(root, yaml.MappingNode):
        held = (
            "nothing"
            if root is None
            else "a list"
            if isinstance(root, yaml.SequenceNode)
            else "no keys"
        )
        raise InputError(
            f"config file {str(path)!r} holds {held}; it must hold lines such as epochs: 50"
        )


def _require_names(keys: Iterable[object], path: Path) -> None:
    for key in keys:
        if not isinstance(key, str):
            raise InputError(f"config file {str(path)!r} has the key {key!r}; it must be a name")


def get_model_and_dataset(
    original: Original, config: Config, model: str | type | None, dataset: str | None
) -> tuple[str | ModelName, type, str]:
    """Hook of `Config._get_model_and_dataset`: also accepts a user's class as `module:Class`.

    Raises:
        InputError: if RecBole has no model of that name, with the nearest name; if a user's class
            cannot be imported, or is no model.

    Examples:
        `register` puts it behind `Config`:

        >>> from recbole_fn.hooks.patching import register
        >>> register()
        >>> own = "recbole.model.sequential_recommender.sasrec:SASRec"
        >>> Config(own, "tiny", config_dict={"fn_enabled": True})["model"]
        'SASRec'
        >>> Config("SASREC", "tiny")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: model 'SASREC' is not one of RecBole's; the nearest is
        SASRec (a class of your own is module:Class)
    """
    name = model or config.external_config_dict.get("model")
    user_model = find_user_model(name)
    if user_model is not None:
        _, model_class, dataset_name = original(config, user_model.model_class(), dataset)
        return user_model, model_class, dataset_name
    try:
        names: tuple[str, type, str] = original(config, model, dataset)
        return names
    except (ValueError, ModuleNotFoundError, AttributeError) as error:
        known = nearest(str(name), (path.stem for path in _RECBOLE_MODELS.glob("*.yaml")))
        raise InputError(
            f"model {name!r} is not one of RecBole's; the nearest is {known} "
            f"(a class of your own is module:Class)"
        ) from error


def get_final_config_dict(original: Original, config: Config) -> Keys:
    """Hook of `Config._get_final_config_dict`: checks the `fn_` keys and sets what they imply.

    - RecBole's loader draws no negatives.
    - The time column is loaded even if `load_col` omits it, as RecBole's default does: no
      sequential model can be trained without it.
    - A split in time order is the default for every sequential model.
    - A nested key such as `eval_args.mode` changes that entry of `eval_args` alone.

    Raises:
        InputError: for a bad key or value, and for a model that is not sequential.

    Examples:
        `register` puts it behind `Config`:

        >>> from recbole_fn.hooks.patching import register
        >>> register()
        >>> keys = {"fn_enabled": True}
        >>> Config("SASRec", "tiny", config_dict=keys)["train_neg_sample_args"]["distribution"]
        'none'
        >>> Config("BPR", "tiny", config_dict=keys)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_enabled is True, but model 'BPR' is not sequential...
    """
    config.external_config_dict = merged(
        config.internal_config_dict,
        config.file_config_dict,
        config.variable_config_dict,
        config.cmd_config_dict,
    )
    final: Keys = original(config)
    Parts.of(final)
    require_rows_of_ours(final)
    check_and_imply(config, final)
    return final


def set_default_parameters(original: Original, config: Config) -> None:
    """Hook of `Config._set_default_parameters`: of disliked items in the top k fewer are better.

    RecBole sets `valid_metric_bigger` by its own metrics, whatever the user has set.

    Raises:
        InputError: if the user has set it to what it is not.

    Examples:
        `register` puts it behind `Config`:

        >>> from recbole_fn.hooks.patching import register
        >>> register()
        >>> keys = {"fn_enabled": True, "valid_metric": "negative_hit@10"}
        >>> Config("SASRec", "tiny", config_dict=keys)["valid_metric_bigger"]
        False
    """
    original(config)
    final, key = config.final_config_dict, "valid_metric_bigger"
    if final["valid_metric"].lower().startswith(SMALLER):
        final[key] = False
    wanted = config.external_config_dict.get(key)
    if final.get("fn_enabled") and wanted is not None and bool(wanted) != final[key]:
        raise InputError(
            f"{key} is {wanted!r}, but valid_metric is {final['valid_metric']!r}; it must be "
            f"{final[key]}, which need not be set"
        )
