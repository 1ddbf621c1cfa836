"""Checks the types of RecBole's own keys before any data is read."""

import os
from collections.abc import Sequence

from recbole.evaluator import metric_types
from recbole.utils import EvaluatorType

from recbole_fn.config.constraints import is_integer, is_number
from recbole_fn.config.feedback_keys import feedback_metric_names
from recbole_fn.config.key_constraints import RANKING_SEPARATOR, ranking_names
from recbole_fn.utils.errors import InputError, nearest
from recbole_fn.utils.recbole_types import Config

_DESCRIPTIONS = {
    bool: "True or False",
    int: "an integer",
    float: "a finite number",
    str: "a string",
}
_SIZES = ("MAX_ITEM_LIST_LENGTH", "train_batch_size", "eval_batch_size")
_CONVERTED = ("gpu_id", "additional_feat_suffix")  # RecBole takes several types


def require_types(config: Config) -> None:
    """Compares each key that the user set with the type of RecBole's default.

    A key without a default, or with null as its default, may have any value.

    Args:
        config: RecBole's configuration after its files are read.

    Raises:
        InputError: naming the key, its value, what it must be, and the default.

    Example:
        >>> from types import SimpleNamespace
        >>> require_types(SimpleNamespace(
        ...     parameters={"train": ["epochs"]},
        ...     internal_config_dict={"epochs": 300},
        ...     external_config_dict={"epochs": "many"},
        ... ))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: epochs is 'many'; it must be an integer, such as 300
    """
    # The other keys belong to a model; an integer default of theirs may stand for any number.
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


def _is_like(value: object, default: object, strictly: bool) -> bool:
    if isinstance(default, bool):
        return value is None or (isinstance(value, int) and value in (0, 1))
    if isinstance(default, (int, float)):
        return is_integer(value) if isinstance(default, int) and strictly else is_number(value)
    if value is None or value == "None":  # YAML reads None as a string
        return True
    if isinstance(default, str) and default.startswith("[") and isinstance(value, (list, tuple)):
        return True  # an interval such as [5,10] or (5,10), which RecBole evaluates
    if isinstance(default, list):  # RecBole takes a single value as a list of one
        return isinstance(value, (list, tuple, *{type(item) for item in default}))
    return isinstance(value, (str, os.PathLike) if isinstance(default, str) else type(default))


def _description(default: object) -> str:
    return _DESCRIPTIONS.get(type(default), f"a {type(default).__name__}")


def require_metric_names(metrics: str | Sequence[str]) -> None:
    """Checks that RecBole has the metrics.

    Args:
        metrics: The key `metrics`.

    Raises:
        InputError: naming the metric and the nearest one, or where a cut-off is written.

    Example:
        >>> require_metric_names(["NDCG", "map@12"])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: metrics has 'map@12'; it must be map alone, as topk has
        the cut-offs
    """
    for metric in [metrics] if isinstance(metrics, str) else metrics:
        name, _, cut = str(metric).partition("@")
        if name.lower() not in metric_types:
            known = nearest(name.lower(), metric_types)
            raise InputError(
                f"metrics has {metric!r}; it must be a metric of RecBole, of which {known} is the "
                f"nearest"
            )
        if cut:
            raise InputError(
                f"metrics has {metric!r}; it must be {name} alone, as topk has the cut-offs"
            )


def require_metric(config: Config) -> None:
    """Checks that the run computes the metric that validation compares.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the metrics that the run computes.

    Example:
        >>> keys = {"metrics": ["MRR"], "topk": [5, 10], "fn_eval_also": None}
        >>> keys["fn_feedback_field"] = None
        >>> require_metric({**keys, "valid_metric": "MRR@7"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: valid_metric is 'MRR@7'; it must be one of MRR@5, MRR@10
    """
    plain = [result for name in config["metrics"] for result in _results(name, config["topk"])]
    also = ranking_names(config["fn_eval_also"])
    computed = plain + [
        f"{result}{RANKING_SEPARATOR}{ranking}" for ranking in also for result in plain
    ]
    if config["fn_feedback_field"] is not None:
        computed += feedback_metric_names(config["topk"])
    metric = config["valid_metric"]
    if metric.lower() not in [result.lower() for result in computed]:
        raise InputError(f"valid_metric is {metric!r}; it must be one of {', '.join(computed)}")


def _results(metric: str, cuts: list[int]) -> list[str]:
    """The names of a metric's results: one for each cut-off, or the metric itself."""
    if metric_types[metric.lower()] == EvaluatorType.VALUE or metric.lower() == "gauc":
        return [metric]
    return [f"{metric}@{cut}" for cut in cuts]
