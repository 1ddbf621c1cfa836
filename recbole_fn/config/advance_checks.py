"""Keys of RecBole that would end a run only after data are read or an epoch is trained."""

from collections.abc import Mapping

from recbole.utils import EvaluatorType

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config

_ARGUMENT_OF = {"mask_itemseq": "mask_ratio", "crop_itemseq": "eta", "reorder_itemseq": "beta"}


def require_parts(config: Config) -> None:
    """Checks that data are split into training, validation and test.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the key whose list has not three entries.

    Example:
        >>> require_parts({"benchmark_filename": ["train", "test"], "eval_args": {}})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: benchmark_filename is ['train', 'test']; it must list
        three parts, for training, validation and test, such as ['train', 'valid', 'test']
    """
    files = config["benchmark_filename"]
    if files is not None and (not isinstance(files, (list, tuple)) or len(files) != 3):
        raise InputError(
            f"benchmark_filename is {files!r}; it must list three parts, for training, validation "
            f"and test, such as ['train', 'valid', 'test']"
        )
    split = None if files else config["eval_args"].get("split")
    for kind, ratios in split.items() if isinstance(split, Mapping) else ():
        if kind in ("RS", "TS") and isinstance(ratios, list) and len(ratios) != 3:
            raise InputError(
                f"eval_args.split.{kind} is {ratios!r}; it must be three ratios, for training, "
                f"validation and test, such as [0.8, 0.1, 0.1]"
            )


def require_metrics_of_mode(config: Config) -> None:
    """Checks that metrics of a ranking are not asked of an evaluation with labels.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the mode and the metrics.

    Example:
        >>> labelled = {"mode": {"valid": "labeled", "test": "labeled"}}
        >>> keys = {"eval_args": labelled, "metrics": ["NDCG"], "eval_type": EvaluatorType.RANKING}
        >>> require_metrics_of_mode(keys)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: eval_args.mode is labeled, which ranks nothing, and
        metrics is ['NDCG']; metrics must be some of AUC, LogLoss, MAE and RMSE, or the mode
        full or uni100
    """
    is_labelled = "labeled" in config["eval_args"]["mode"].values()
    if is_labelled and config["eval_type"] == EvaluatorType.RANKING:
        raise InputError(
            f"eval_args.mode is labeled, which ranks nothing, and metrics is "
            f"{config['metrics']!r}; metrics must be some of AUC, LogLoss, MAE and RMSE, or the "
            f"mode full or uni100"
        )


def require_full_ranking_of_kinds(config: Config) -> None:
    """Checks that all items are ranked where disliked items have ranks too.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the mode.

    Example:
        >>> keys = {"fn_feedback_field": "rating", "eval_args": {"mode": {"valid": "uni100"}}}
        >>> require_full_ranking_of_kinds(keys)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: eval_args.mode is uni100 and fn_feedback_field is
        'rating'; the mode must be full, and fn_eval_candidates or fn_eval_also may sample
    """
    others = [mode for mode in config["eval_args"]["mode"].values() if mode != "full"]
    field = config["fn_feedback_field"]
    if field is not None and others:
        raise InputError(
            f"eval_args.mode is {others[0]} and fn_feedback_field is {field!r}; the mode must be "
            f"full, and fn_eval_candidates or fn_eval_also may sample"
        )


def require_full_ranking_of_group(config: Config, size: int) -> None:
    """Checks that no rank evaluates rows of others again, with candidates of its own.

    RecBole's loaders of sampled and labelled evaluation repeat rows, so that ranks have equally
    many, and each rank draws candidates by itself.

    Args:
        config: RecBole's configuration.
        size: How many processes train together.

    Raises:
        InputError: naming the mode.

    Example:
        >>> keys = {"fn_enabled": True, "eval_args": {"mode": {"valid": "uni100"}}}
        >>> require_full_ranking_of_group(keys, size=2)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: eval_args.mode is uni100, and 2 processes train
        together; the mode must be full, and fn_eval_candidates may sample
    """
    others = [mode for mode in config["eval_args"]["mode"].values() if mode != "full"]
    if config["fn_enabled"] and size > 1 and others:
        raise InputError(
            f"eval_args.mode is {others[0]}, and {size} processes train together; the mode must be "
            f"full, and fn_eval_candidates may sample"
        )


def require_transform_argument(config: Config) -> None:
    """Checks that a transform of batches has the number that it needs.

    Args:
        config: RecBole's configuration.

    Raises:
        InputError: naming the key that is missing.

    Example:
        >>> require_transform_argument({"transform": "crop_itemseq", "eta": None})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: transform is 'crop_itemseq', which needs eta; eta is
        None; it must be a number from 0 to 1, such as 0.6
    """
    needed = _ARGUMENT_OF.get(str(config["transform"]))
    if needed is None:
        return
    value = config[needed]
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(
            f"transform is {config['transform']!r}, which needs {needed}; {needed} is {value!r}; "
            f"it must be a number from 0 to 1, such as 0.6"
        )
