"""Runs an experiment in this process or in a group of processes, like RecBole's `run`."""

from contextlib import nullcontext

from recbole_fn.checkpoint.resuming import configuration, furthest
from recbole_fn.config.advance_checks import require_full_ranking_of_group
from recbole_fn.distributed.launch import launch
from recbole_fn.distributed.rendezvous import rendezvous_port, require_port
from recbole_fn.distributed.setup import require_gpus
from recbole_fn.experiment.run import run_recbole_fn
from recbole_fn.experiment.worker import Origin, run_experiment
from recbole_fn.hooks.patching import register
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Keys


def run(
    model: str | type | None = None,
    dataset: str | None = None,
    config_file_list: list[str] | None = None,
    config_dict: Keys | None = None,
    saved: bool = True,
    nproc: int = 1,
    world_size: int = -1,
    ip: str = "localhost",
    port: str | int = "5678",
    group_offset: int = 0,
    resume: str | None = None,
    init_from: str | None = None,
) -> Keys | None:
    """Runs an experiment in this process or in a group of processes, like RecBole's `run`.

    Each process uses one GPU; without GPUs the processes share the CPUs. `train_batch_size` is the
    global batch size, so the number of processes does not change what is trained.

    Args:
        model: As in `run_recbole_fn`, like the next four.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.
        saved: See `model`.
        nproc: Processes on this machine.
        world_size: Processes on all machines; `nproc` by default.
        ip: Address of the first machine.
        port: Port of the first machine; with a single machine any free port is used.
        group_offset: Rank of this machine's first process.
        resume: As in `run_recbole_fn`, like the next one.
        init_from: See `resume`.

    Returns:
        What `run_recbole_fn` returns.

    Raises:
        InputError: as `run_recbole_fn`; and for an impossible group.
        WorkerError: if one of the processes was killed.

    Examples:
        Trains in two processes:

        >>> keys = {"fn_enabled": True, "epochs": 1, "train_batch_size": 512}
        >>> sorted(run("SASRec", "tiny", None, keys, nproc=2)["best_valid_result"])[:2]
        ['hit@10', 'mrr@10']
    """
    origin = Origin(resume, init_from)
    if nproc == 1 and world_size <= 0:
        return run_recbole_fn(model, dataset, config_file_list, config_dict, saved, None, *origin)
    size = nproc if world_size == -1 else world_size
    _require_group(nproc, size, group_offset)
    group = {"world_size": size, "nproc": nproc, "ip": ip, "offset": group_offset}
    is_one_machine = size == nproc
    known_port = require_port(port, is_opened_here=not is_one_machine and group_offset == 0)
    register()
    file = None if resume is None else furthest(resume)
    config = configuration(model, dataset, config_file_list, config_dict, file)
    require_gpus(config.final_config_dict, nproc)
    require_full_ranking_of_group(config, size)
    with rendezvous_port() if is_one_machine else nullcontext(known_port) as meeting_port:
        keys = {**(config_dict or {}), **group, "port": meeting_port}
        result: Keys = launch(
            run_experiment, nproc, model, dataset, config_file_list, keys, saved, origin
        )
    return result


def _require_group(nproc: int, size: int, offset: int) -> None:
    if nproc < 1:
        raise InputError(f"--nproc is {nproc}; it must be an integer from 1")
    if not 0 <= offset <= size - nproc:
        raise InputError(
            f"--nproc is {nproc}, --world_size {size} and --group_offset {offset}; --group_offset "
            f"must be from 0 to world_size - nproc"
        )
