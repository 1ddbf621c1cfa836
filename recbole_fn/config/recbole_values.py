"""Values of RecBole's own keys that would end a run in an inner layer, with words of that layer."""

import re
from collections.abc import Mapping

from recbole_fn.config.constraints import (
    BOOLEAN,
    FRACTION,
    NON_NEGATIVE,
    Constraint,
    integer,
    is_integer,
    is_number,
    one_of,
)
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config

_NUMBER = r"\s*[-+]?(inf|\d+\.?\d*(e[-+]?\d+)?|\.\d+)\s*"
_PAIR = rf"\s*[\[(]{_NUMBER},{_NUMBER}[\])]\s*"
_INTERVALS = re.compile(f"{_PAIR}(;{_PAIR})*")


def _is_interval(value: object) -> bool:
    if isinstance(value, (list, tuple)):  # RecBole reads [5,10] of the command line as a list
        return len(value) == 2 and all(is_number(end) for end in value)
    return isinstance(value, str) and _INTERVALS.fullmatch(value) is not None


def _are_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value)


def _are_columns(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        names == "*" or names is None or _are_names(names) for names in value.values()
    )


def _are_cuts(value: object) -> bool:
    cuts = value if isinstance(value, (list, tuple)) else [value]
    return bool(cuts) and all(is_integer(cut) and cut > 0 for cut in cuts)


_CLIP_KEYS = {"max_norm", "norm_type", "error_if_nonfinite", "foreach"}
_SIZE = integer(1, 10**6)
_PATH = Constraint("the path of a file", lambda value: isinstance(value, str))
_NAMES = Constraint("a list of columns, such as [price]", _are_names)
_COLUMNS = Constraint(
    "a mapping of files to columns, such as {inter: [user_id, item_id]}", _are_columns
)
_INTERVAL = Constraint("an interval, such as '[5,inf)'", _is_interval)
_OF_COLUMNS = Constraint(
    "a mapping of columns, such as {rating: ...}", lambda v: isinstance(v, Mapping)
)
_CLIPPING = Constraint(
    "a mapping with max_norm, such as {max_norm: 5.0}",
    lambda v: isinstance(v, Mapping) and "max_norm" in v and {*v} <= _CLIP_KEYS,
)
_CONSTRAINTS = {
    "topk": Constraint("one or more integers from 1, such as [5, 10]", _are_cuts),
    "rm_dup_inter": one_of("first", "last"),
    "clip_grad_norm": _CLIPPING,
    "worker": integer(0, 10**4),
    "metric_decimal_place": integer(0, 20),
    "loss_type": one_of("BPR", "CE"),
    "loss_decimal_place": integer(0, 20),
    "transform": one_of(
        "mask_itemseq", "inverse_itemseq", "crop_itemseq", "reorder_itemseq", "user_defined"
    ),
    # Not 1 or 0, which other switches may be: torch takes them for no bool.
    **dict.fromkeys(("enable_amp", "enable_scaler"), BOOLEAN),
    "LIST_SUFFIX": Constraint("a text, such as _list", lambda v: isinstance(v, str) and v != ""),
    **dict.fromkeys(("learning_rate", "weight_decay"), NON_NEGATIVE),
    **dict.fromkeys(("dataset_save_path", "dataloaders_save_path"), _PATH),
    **dict.fromkeys(("val_interval", "threshold", "discretization"), _OF_COLUMNS),
    "preload_weight": _OF_COLUMNS,
    **dict.fromkeys(("load_col", "unload_col", "unused_col"), _COLUMNS),
    **dict.fromkeys(("normalize_field", "numerical_features"), _NAMES),
    **dict.fromkeys(("alias_of_user_id", "alias_of_item_id"), _NAMES),
    **dict.fromkeys(("user_inter_num_interval", "item_inter_num_interval"), _INTERVAL),
    **dict.fromkeys(("n_layers", "n_heads", "hidden_size", "inner_size"), _SIZE),
    **dict.fromkeys(("embedding_size", "num_layers"), _SIZE),
    **dict.fromkeys(("hidden_dropout_prob", "attn_dropout_prob", "dropout_prob"), FRACTION),
}


def require_values_of_recbole(config: Config) -> None:
    """Checks those keys that somebody has set.

    Args:
        config: RecBole's configuration after its files are read.

    Raises:
        InputError: naming the key, its value and what it must be.

    Example:
        >>> from types import SimpleNamespace
        >>> keys = {"hidden_size": -1}
        >>> dicts = {"external_config_dict": keys, "internal_config_dict": {"hidden_size": 64}}
        >>> require_values_of_recbole(SimpleNamespace(**dicts))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: hidden_size is -1; it must be an integer from 1 ...
    """
    for key, value in config.external_config_dict.items():
        constraint = _CONSTRAINTS.get(key)
        # A model of a user's own may have a key of the name with another meaning.
        if constraint is None or key not in config.internal_config_dict or value in (None, "None"):
            continue
        if not constraint.accepts(value):
            raise InputError(f"{key} is {value!r}; it must be {constraint.description}")
    _require_value_intervals(config.external_config_dict.get("val_interval"))
    if not config.external_config_dict.get("benchmark_filename"):
        _require_order(config.external_config_dict.get("eval_args"))


def _require_value_intervals(intervals: object) -> None:
    """A column of tokens has a list of values, one of numbers an interval."""
    for column, interval in intervals.items() if isinstance(intervals, Mapping) else ():
        if not isinstance(interval, (list, tuple)) and not _is_interval(interval):
            raise InputError(
                f"val_interval has {column}: {interval!r}; it must be an interval, such as "
                f"'[3,inf)', or a list of tokens"
            )


def _require_order(args: object) -> None:
    order = args.get("order", "RO") if isinstance(args, Mapping) else "TO"
    if order != "TO":
        raise InputError(
            f"eval_args.order is {order!r} (RecBole's default is RO); it must be TO, as a "
            f"sequential model predicts what comes next"
        )
