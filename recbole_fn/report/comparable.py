"""Whether jobs have trained on the same rows, as far as their keys ask for the same."""

from collections.abc import Sequence

from recbole_fn.results.job_result import JobResult

# Keys that make other rows or lists out of the same interactions.
_OTHER_ROWS = (
    "MAX_ITEM_LIST_LENGTH",
    *(f"fn_feedback_{name}" for name in ("field", "negative", "neutral", "targets", "inputs")),
)


def changed_datasets(results: Sequence[JobResult]) -> list[str]:
    """The data sets of which jobs with the same seed and keys of rows have other training rows.

    Args:
        results: The results of jobs.

    Example:
        >>> from types import SimpleNamespace
        >>> job = {"dataset": "d", "model": "M", "seed": 1, "training_set": "5f"}
        >>> typed = {**job, "training_set": "a0"}
        >>> changed_datasets([SimpleNamespace(config={}, **one) for one in (job, typed)])
        ['d']
        >>> keys = ({"fn_feedback_inputs": "positive"}, {"fn_feedback_inputs": "typed"})
        >>> both = [SimpleNamespace(config=k, **j) for k, j in zip(keys, (job, typed))]
        >>> changed_datasets(both)
        []
    """
    sets: dict[tuple[str, ...], set[str]] = {}
    for result in results:
        rows = (str(result.config.get(name)) for name in _OTHER_ROWS)
        key = (result.dataset, result.model, str(result.seed), *rows)
        sets.setdefault(key, set()).add(result.training_set)
    return list(dict.fromkeys(key[0] for key, hashes in sets.items() if len(hashes) > 1))
