"""The function that each of several processes runs.

It imports RecBole late, once known warnings are silenced.
"""

from typing import NamedTuple

from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.utils.recbole_types import Keys


class Origin(NamedTuple):
    """The checkpoints that a run begins with.

    Attributes:
        resume: A checkpoint to resume.
        init_from: A checkpoint with the initial weights.

    Examples:
        >>> Origin(resume="saved/X-last.pth")
        Origin(resume='saved/X-last.pth', init_from=None)
    """

    resume: str | None = None
    init_from: str | None = None


def run_experiment(
    local_rank: int,
    model: str | type | None,
    dataset: str | None,
    files: list[str] | None,
    config: Keys,
    saved: bool,
    origin: Origin,
) -> Keys:
    """Runs an experiment as one process of a group.

    Args:
        local_rank: Number of this process on its machine, from 0.
        model: As in `run_recbole_fn`, like the next two and `saved`.
        dataset: See `model`.
        files: See `model`.
        config: Keys that win over the files, including those of the group.
        saved: See `model`.
        origin: The checkpoints to begin with.

    Returns:
        What `run_recbole_fn` returns.

    Examples:
        `processes.run` lets `launch` call it in each process of a group:

        >>> keys = {"fn_enabled": True, "epochs": 1, "train_batch_size": 512, "world_size": 1}
        >>> keys |= {"nproc": 1, "ip": "localhost", "port": "0", "offset": 0}
        >>> result = run_experiment(0, "SASRec", "tiny", None, keys, False, Origin())
        >>> sorted(result)[:2]
        ['best_valid_result', 'best_valid_score']
    """
    silence_known_warnings()
    from recbole_fn.distributed.group import leave_group
    from recbole_fn.experiment.run import run_recbole_fn

    keys = {**config, "local_rank": local_rank}
    result = run_recbole_fn(model, dataset, files, keys, saved, None, *origin)
    leave_group()
    return result
