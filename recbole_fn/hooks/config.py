"""The hooks of RecBole's `Config`: how it reads files, finds the model, and checks `fn_` keys."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import recbole
import yaml
from recbole.config import Config
from recbole.model.abstract_recommender import SequentialRecommender

from recbole_fn.config.evaluation_values import require_evaluation
from recbole_fn.config.nested_keys import merged
from recbole_fn.config.property_files import find_property_file
from recbole_fn.config.recbole_values import require_values_of_recbole
from recbole_fn.config.type_checks import require_types
from recbole_fn.config.user_model import ModelName, find_user_model
from recbole_fn.hooks.fast_yaml import FAST_SAFE_LOADER, fast_loading
from recbole_fn.hooks.kinds import load_column, require_rows_of_ours
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
        merged.update(keys)
    return merged


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
    _require_named_teacher(config.model, final.get("teacher"))
    _require_no_negatives(config, final)
    if final.get("fn_enabled"):  # also in a pretraining, whose loss needs no negatives either
        if not issubclass(config.model_class, SequentialRecommender):
            raise InputError(
                f"fn_enabled is True, but model {config.model!r} is not sequential; it must be one "
                f"of recbole.model.sequential_recommender or of SequentialRecommender's subclasses"
            )
        _check_and_imply(config, final)
    return final


def _check_and_imply(config: Config, final: Keys) -> None:
    """Checks the keys of a run of ours, and sets what they imply."""
    require_types(config)
    require_values_of_recbole(config)
    require_evaluation(final)
    final["train_neg_sample_args"] = None
    final["numerical_features"] = final.get("numerical_features") or []  # RecBole counts them
    _load_time_column(final)
    load_column(final)
    _require_pretrained(final)
    if "eval_args" not in config.external_config_dict and final["eval_args"]["order"] != "TO":
        # RecBole's default for sequential models, which it misses for GRU4RecKG and KSR.
        final["eval_args"] = {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full"}


def _load_time_column(final: Keys) -> None:
    columns = (final.get("load_col") or {}).get("inter")
    time = final.get("TIME_FIELD")
    if columns and time not in columns and not final.get("benchmark_filename"):
        final["load_col"] = {**final["load_col"], "inter": [*columns, time]}


def _require_named_teacher(model: str, teacher: object) -> None:
    if model == "KD_DAGFM" and not str(teacher).isidentifier():  # RecBole evaluates it
        raise InputError(f"teacher is {teacher!r}; it must be the name of a class")


def _require_no_negatives(config: Config, final: Keys) -> None:
    """RecBole's default of `train_neg_sample_args` does not go with its default of `loss_type`."""
    draws = final.get("train_neg_sample_args") is not None and not final.get("fn_enabled")
    is_sequential = issubclass(config.model_class, SequentialRecommender)
    has_own_loss = hasattr(config.model_class, "input_type")
    if draws and is_sequential and not has_own_loss and final.get("loss_type") == "CE":
        raise InputError(
            f"loss_type is 'CE' and train_neg_sample_args is {final['train_neg_sample_args']}; it "
            f"must be null with this loss, or fn_enabled be True, as in --config_files=fn.yaml"
        )


def _require_pretrained(final: Keys) -> None:
    path = final.get("pre_model_path")
    if final.get("train_stage") == "finetune" and not Path(str(path)).is_file():
        raise InputError(
            f"pre_model_path is {path!r}; it must be a file that --train_stage=pretrain has saved"
        )
