"""What a run's keys ask of one another and imply, once RecBole has read all of them."""

from pathlib import Path

from recbole.config import Config
from recbole.model.abstract_recommender import SequentialRecommender

from recbole_fn.config.evaluation_values import require_evaluation
from recbole_fn.config.recbole_values import require_values_of_recbole
from recbole_fn.config.type_checks import require_types
from recbole_fn.hooks.kinds import load_column
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Keys


def check_and_imply(config: Config, final: Keys) -> None:
    """Checks keys that other keys or the model rule out, and sets what the keys of ours imply.

    Args:
        config: RecBole's configuration, whose model is known.
        final: Its final keys; changed in place.

    Raises:
        InputError: for a bad key or value, and for a model that is not sequential.

    Examples:
        >>> config = Config("BPR", "tiny")
        >>> check_and_imply(config, {"fn_eval_also": 100})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_eval_also is 100, but model 'BPR' is not
        sequential; it must be null
    """
    _require_named_teacher(config.model, final.get("teacher"))
    _require_no_negatives(config, final)
    if not issubclass(config.model_class, SequentialRecommender):
        _require_nothing_of_ours(config.model, final)
    elif final.get("fn_enabled"):  # also in a pretraining, whose loss needs no negatives either
        _imply(config, final)


def _require_nothing_of_ours(model: str, final: Keys) -> None:
    """Training and our rankings read histories, which only sequential models have."""
    if final.get("fn_enabled"):
        raise InputError(
            f"fn_enabled is True, but model {model!r} is not sequential; it must be one "
            f"of recbole.model.sequential_recommender or of SequentialRecommender's subclasses"
        )
    for key in ("fn_eval_candidates", "fn_eval_exclude", "fn_eval_also"):
        if final.get(key) is not None:
            raise InputError(
                f"{key} is {final[key]!r}, but model {model!r} is not sequential; it must be null"
            )


def _imply(config: Config, final: Keys) -> None:
    """Checks the keys of a run of ours, and sets what they imply."""
    require_types(config)
    require_values_of_recbole(config)
    require_evaluation(final)
    if isinstance(final["topk"], tuple):  # RecBole takes a list
        final["topk"] = list(final["topk"])
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
    if columns and columns != "*" and time not in columns and not final.get("benchmark_filename"):
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
