"""What is the same in all trials of a search: what it chooses itself, and what scores measure."""

from collections.abc import Iterable

from recbole_fn.config.measured_keys import MEASURED
from recbole_fn.tune.dimension import Dimension
from recbole_fn.utils.errors import InputError

_CHOSEN = {
    "model": "a search has one model",
    "dataset": "a search has one data set",
    "checkpoint_dir": "a trial has a folder of its own",
    "use_gpu": "tune_gpus_per_trial says it",
    "gpu_id": "Ray gives each trial its GPUs",
}
_COMPARED = {
    *(*MEASURED, "valid_metric_bigger", "tail_ratio", "data_path", "threshold", "fn_whole_times"),
    *("fn_feedback_field", "fn_feedback_negative", "fn_feedback_neutral"),
}


def require_comparable(space: Iterable[Dimension]) -> None:
    """Refuses a space whose trials could not be compared, or would not differ.

    Args:
        space: The space.

    Raises:
        InputError: naming the key.

    Examples:
        >>> require_comparable([Dimension("fn_eval_candidates", "grid", (5, 40))])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: the space has several values of 'fn_eval_candidates', on
        which scores depend; it must be the same in all trials, which are compared by their scores
    """
    for one in space:
        outer = one.name.split(".")[0]
        if outer in _CHOSEN:
            raise InputError(
                f"the space has the key {one.name!r}; it must be left out, as {_CHOSEN[outer]}"
            )
        first, *others = one.extremes
        if outer in _COMPARED and any(value != first for value in others):
            raise InputError(
                f"the space has several values of {one.name!r}, on which scores depend; it must be "
                f"the same in all trials, which are compared by their scores"
            )
        if one.name == "eval_step" and any(value < 1 for value in one.extremes):
            raise InputError(
                f"eval_step of the space is {one.kind}: {list(one.values)}; all must be at least 1 "
                f"in a search, which compares trials by their validation scores"
            )
