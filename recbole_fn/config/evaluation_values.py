"""RecBole's keys of evaluation: metrics, `eval_args`, checked before data is read."""

import re
from collections.abc import Mapping, Sequence

from recbole.evaluator import metric_types
from recbole.utils import EvaluatorType

from recbole_fn.config.constraints import NON_NEGATIVE, is_number
from recbole_fn.config.type_checks import require_metric_names
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Keys

_MODES = re.compile(r"full|labeled|(uni|pop)[1-9]\d*")
_LEAVE_OUT = ("valid_and_test", "valid_only", "test_only")
_RATIOS = "a list of numbers of at least 0, such as [0.8, 0.1, 0.1]"


def require_evaluation(keys: Keys) -> None:
    """Checks `metrics`, `repeatable`, `tail_ratio` and `eval_args`.

    Args:
        keys: RecBole's keys after its files are read.

    Raises:
        InputError: naming the key, its value and what it must be.

    Example:
        >>> require_evaluation({"metrics": ["AUC"], "eval_args": {"mode": "full"}})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: eval_args.mode is 'full', which ranks items, and
        metrics is ['AUC']; the mode must be labeled or such as uni100, or metrics of rankings
    """
    _require_metrics(keys["metrics"])
    if not keys.get("repeatable", True):
        raise InputError(
            f"repeatable is {keys['repeatable']}; it must be True for a sequential model"
        )
    tail = keys.get("tail_ratio")
    if tail is not None and not NON_NEGATIVE.accepts(tail):
        raise InputError(f"tail_ratio is {tail!r}; it must be {NON_NEGATIVE.description}")
    _require_args(keys["eval_args"], keys)


def _require_args(args: object, keys: Keys) -> None:
    if not isinstance(args, Mapping):
        raise InputError(f"eval_args is {args!r}; it must be a mapping, such as {{mode: full}}")
    _require_parts(args.get("mode"))
    for mode in _modes(args.get("mode", "full")):
        _require_mode(mode, keys["metrics"])
    if not keys.get("benchmark_filename"):
        _require_split(args)


def _require_parts(mode: object) -> None:
    names = list(mode) if isinstance(mode, Mapping) else []
    if others := [name for name in names if name not in ("valid", "test")]:
        raise InputError(
            f"eval_args.mode has {others[0]!r}; it must be valid or test, such as "
            f"{{valid: uni100, test: full}}"
        )


def _require_metrics(metrics: str | Sequence[str]) -> None:
    if not metrics:
        raise InputError(f"metrics is {metrics!r}; it must name at least one, such as [NDCG]")
    require_metric_names(metrics)
    values = [name for name in _listed(metrics) if _is_value(name)]
    if 0 < len(values) < len(_listed(metrics)):
        raise InputError(
            f"metrics is {metrics!r}, of which {', '.join(values)} compare scores with labels; all "
            f"must be such metrics, or all metrics of rankings"
        )


def _listed(metrics: str | Sequence[str]) -> list[str]:
    return [metrics] if isinstance(metrics, str) else list(metrics)


def _is_value(metric: str) -> bool:
    return bool(metric_types[metric.lower()] == EvaluatorType.VALUE)


def _modes(mode: object) -> list[object]:
    """The modes of validation and test."""
    return list(mode.values()) if isinstance(mode, Mapping) else [mode]


def _require_mode(mode: object, metrics: str | Sequence[str]) -> None:
    if not isinstance(mode, str) or not _MODES.fullmatch(mode):
        raise InputError(
            f"eval_args.mode is {mode!r}; it must be full, labeled, uniN or popN, where N is an "
            f"integer from 1, such as uni100"
        )
    if mode == "full" and _is_value(_listed(metrics)[0]):
        raise InputError(
            f"eval_args.mode is {mode!r}, which ranks items, and metrics is {metrics!r}; the mode "
            f"must be labeled or such as uni100, or metrics of rankings"
        )


def _require_split(args: Mapping[str, object]) -> None:
    split = args.get("split", {"RS": [0.8, 0.1, 0.1]})  # RecBole's default
    if not isinstance(split, Mapping) or len(split) != 1 or not {*split} <= {"RS", "TS", "LS"}:
        raise InputError(
            f"eval_args.split is {split!r}; it must have one of RS, TS and LS, such as "
            f"{{LS: valid_and_test}}"
        )
    ((kind, value),) = split.items()
    where = f"eval_args.split.{kind} is {value!r}"
    if kind == "LS" and value not in _LEAVE_OUT:
        raise InputError(f"{where}; it must be one of {', '.join(_LEAVE_OUT)}")
    if kind != "LS" and not _are_ratios(value):
        raise InputError(f"{where}; it must be {_RATIOS}")
    if kind == "RS" and args.get("group_by", "user") not in ("user", "none", "None", None):
        raise InputError(f"eval_args.group_by is {args['group_by']!r}; it must be user or none")


def empty_parts(config: Config) -> list[str]:
    """Which of validation and test the keys leave without a row, whatever the data.

    Args:
        config: RecBole's configuration.

    Example:
        >>> empty_parts({"eval_args": {"split": {"LS": "valid_only"}}, "benchmark_filename": None})
        ['test']
    """
    split = None if config["benchmark_filename"] else config["eval_args"].get("split")
    ((kind, value),) = (split or {"LS": "valid_and_test"}).items()
    if kind == "LS":
        return {"valid_only": ["test"], "test_only": ["validation"]}.get(value, [])
    return [part for part, ratio in zip(("validation", "test"), value[1:]) if ratio == 0]


def require_part(config: Config, part: str, study: str) -> None:
    """Refuses keys that leave no row to the part by which a study compares runs.

    Args:
        config: RecBole's configuration.
        part: `validation` or `test`.
        study: What needs it, for the message.

    Raises:
        InputError: naming the split.

    Example:
        >>> keys = {"eval_args": {"split": {"LS": "valid_only"}}, "benchmark_filename": None}
        >>> require_part(keys, "test", "a comparison")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: eval_args.split is {'LS': 'valid_only'}; it must leave
        rows to the test in a comparison, such as {LS: valid_and_test}
    """
    if part in empty_parts(config):
        raise InputError(
            f"eval_args.split is {config['eval_args']['split']}; it must leave rows to the {part} "
            f"in {study}, such as {{LS: valid_and_test}}"
        )


def _are_ratios(value: object) -> bool:
    if not isinstance(value, list) or not all(is_number(v) and v >= 0 for v in value):
        return False
    return any(v > 0 for v in value)
