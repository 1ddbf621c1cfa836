"""What one of several processes runs. It imports RecBole late, after its warnings are hidden."""

from typing import Any

from recbole_fn.environment.warning_filters import silence_known_warnings


def run_experiment(
    local_rank: int,
    model: Any,
    dataset: Any,
    files: Any,
    config: dict[str, Any],
    saved: bool,
    begun: dict[str, Any],
) -> Any:
    """Runs an experiment as one of a group.

    Args:
        local_rank: Number of this process on its machine, from 0.
        model: As in `run_recbole_fn`, like the next two and `saved`.
        dataset: See `model`.
        files: See `model`.
        config: Keys that win over the files, those of the group among them.
        saved: See `model`.
        begun: Its `resume` and `init_from`.

    Returns:
        What `run_recbole_fn` returns.
    """
    silence_known_warnings()
    from recbole_fn.distributed.group import leave_group
    from recbole_fn.experiment.run import run_recbole_fn

    keys = {**config, "local_rank": local_rank}
    result = run_recbole_fn(model, dataset, files, keys, saved, **begun)
    leave_group()
    return result
