"""How RecBole's `Config` reads false-negative keys: the hooks that `register` puts into it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import recbole
import yaml
from recbole.config import Config
from recbole.model.abstract_recommender import SequentialRecommender

from recbole_fn.config.property_files import find_property_file
from recbole_fn.config.type_checks import require_types
from recbole_fn.config.user_model import find_user_model
from recbole_fn.hooks.safe_values import require_values
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError, nearest

_RECBOLE_MODELS = Path(recbole.__file__).parent / "properties" / "model"


def load_config_files(
    original: Callable[..., Any], config: Config, file_list: Sequence[str] | None
) -> dict[str, Any]:
    """Hook of `Config._load_config_files`: looks each file up and names the one that is broken.

    Raises:
        InputError: if a file is missing, not UTF-8, not YAML, or not a mapping of keys.
    """
    merged: dict[str, Any] = {}
    for name in file_list or ():
        path = find_property_file(name)
        try:
            require_values(path)
            keys = original(config, [str(path)])
        except InputError:
            raise
        except (yaml.YAMLError, OSError, TypeError, ValueError, RecursionError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"config file {str(path)!r} is no YAML mapping: {reason}") from error
        _require_names(keys, path)
        merged.update(keys)
    return merged


def _require_names(keys: dict[Any, Any], path: Path) -> None:
    for key in keys:
        if not isinstance(key, str):
            raise InputError(f"config file {str(path)!r} has the key {key!r}; allowed are names")


def keys_of_files(file_list: Sequence[str] | None) -> dict[str, Any]:
    """The keys of property files as RecBole reads them; later files win.

    Raises:
        InputError: if a file is missing or broken.
    """
    reader = Config.__new__(Config)
    reader.yaml_loader = reader._build_yaml_loader()
    return load_config_files(Config._load_config_files, reader, file_list)


def get_model_and_dataset(
    original: Callable[..., Any], config: Config, model: Any, dataset: str | None
) -> Any:
    """Hook of `Config._get_model_and_dataset`: takes a user's class by `module:Class` too.

    Raises:
        InputError: if RecBole has no model of that name, naming the one that was probably
            meant; if a user's class cannot be imported, or is no model.
    """
    name = model or config.external_config_dict.get("model")
    own = find_user_model(name)
    if own is not None:
        return (own, *original(config, own.model_class(), dataset)[1:])
    try:
        return original(config, model, dataset)
    except (ValueError, ModuleNotFoundError, AttributeError) as error:
        known = nearest(str(name), (path.stem for path in _RECBOLE_MODELS.glob("*.yaml")))
        raise InputError(
            f"model {name!r} is not one of RecBole's; the nearest is {known} "
            f"(a class of your own is module:Class)"
        ) from error


def get_final_config_dict(original: Callable[..., Any], config: Config) -> dict[str, Any]:
    """Hook of `Config._get_final_config_dict`: checks the `fn_` keys and sets what they imply.

    RecBole's loader draws no negatives of its own. The column that orders a history is read
    even where `load_col` leaves it out, as RecBole's default does: no sequential model can be
    trained without it. A split in time order is the default for every one of
    them.

    Raises:
        InputError: for a bad key or value, and for a model that is not sequential.
    """
    final: dict[str, Any] = original(config)
    Parts.of(final)
    _require_named_teacher(config.model, final.get("teacher"))
    if final.get("fn_enabled"):  # in a pretraining too, whose loss needs no negatives either
        if not issubclass(config.model_class, SequentialRecommender):
            raise InputError(
                f"fn_enabled is True, but model {config.model!r} is not sequential; allowed are "
                f"the models of recbole.model.sequential_recommender and subclasses of "
                f"SequentialRecommender"
            )
        require_types(config)
        final["train_neg_sample_args"] = None
        _load_time_column(final)
        _require_pretrained(final)
        if "eval_args" not in config.external_config_dict and final["eval_args"]["order"] != "TO":
            # RecBole's default for sequential models, which it forgets for GRU4RecKG and KSR.
            final["eval_args"] = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full"}
    return final


def _load_time_column(final: dict[str, Any]) -> None:
    columns = (final.get("load_col") or {}).get("inter")
    time = final.get("TIME_FIELD")
    if columns and time not in columns and not final.get("benchmark_filename"):
        final["load_col"] = {**final["load_col"], "inter": [*columns, time]}


def _require_named_teacher(model: str, teacher: Any) -> None:
    if model == "KD_DAGFM" and not str(teacher).isidentifier():  # RecBole evaluates it
        raise InputError(f"teacher is {teacher!r}; allowed is the name of a class")


def _require_pretrained(final: dict[str, Any]) -> None:
    path = final.get("pre_model_path")
    if final.get("train_stage") == "finetune" and not Path(str(path)).is_file():
        raise InputError(
            f"pre_model_path is {path!r}; allowed is a file that --train_stage=pretrain has saved"
        )
