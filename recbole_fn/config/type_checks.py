"""Checks RecBole's keys before any data is read: a value is of the kind of RecBole's default."""

import math
import os
from typing import Any

from recbole.evaluator import metric_types
from recbole.utils import EvaluatorType

from recbole_fn.utils.errors import InputError

_BOTH_NUMBERS = (int, float)
_DESCRIPTIONS = {
    bool: "True or False",
    int: "an integer",
    float: "a finite number",
    str: "a string",
}
_SIZES = ("MAX_ITEM_LIST_LENGTH", "train_batch_size", "eval_batch_size")
_CONVERTED = ("gpu_id", "additional_feat_suffix")  # RecBole makes one kind of several


def require_types(config: Any) -> None:
    """Compares each key that a user has given with RecBole's default for it.

    A key without a default, or whose default is null, may be anything.

    Args:
        config: RecBole's configuration, its files read.

    Raises:
        InputError: naming the key, its value, what is allowed, and the default.
    """
    # Of the others, which belong to a model, an integer default may stand for any number.
    general = {key for keys in config.parameters.values() for key in keys}
    for key, value in config.external_config_dict.items():
        default = config.internal_config_dict.get(key)
        if default is None or key in _CONVERTED or _is_like(value, default, key in general):
            continue
        raise InputError(
            f"{key} is {value!r}; it must be {_description(default)}, such as {default!r}"
        )
    for key in _SIZES:
        if config.external_config_dict.get(key, 1) < 1:
            value = config.external_config_dict[key]
            raise InputError(f"{key} is {value!r}; it must be an integer from 1")


def _is_like(value: Any, default: Any, strictly: bool) -> bool:
    if isinstance(default, bool):
        return value is None or (isinstance(value, int) and value in (0, 1))
    if isinstance(default, _BOTH_NUMBERS):
        integral = isinstance(default, int) and strictly
        is_number = isinstance(value, int if integral else _BOTH_NUMBERS)
        return is_number and not isinstance(value, bool) and math.isfinite(value)
    if value is None or value == "None":  # YAML reads None as a word
        return True
    if isinstance(default, str) and default.startswith("[") and isinstance(value, list):
        return True  # an interval such as [5,10], which RecBole evaluates before it reads it
    if isinstance(default, list):  # RecBole takes one for a list of one
        return isinstance(value, (list, tuple, *{type(item) for item in default}))
    return isinstance(value, (str, os.PathLike) if isinstance(default, str) else type(default))


def _description(default: Any) -> str:
    return _DESCRIPTIONS.get(type(default), f"a {type(default).__name__}")


def require_metric(config: Any) -> None:
    """Checks that the metric of validation is one of those that are computed.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the metrics that are.
    """
    computed = [result for name in config["metrics"] for result in _results(name, config["topk"])]
    wanted = config["valid_metric"]
    if wanted.lower() not in [result.lower() for result in computed]:
        raise InputError(f"valid_metric is {wanted!r}; it must be one of {', '.join(computed)}")


def _results(metric: str, cuts: list[int]) -> list[str]:
    """The names of a metric's results."""
    if metric_types[metric.lower()] == EvaluatorType.VALUE or metric.lower() == "gauc":
        return [metric]
    return [f"{metric}@{cut}" for cut in cuts]
