"""Runs in this process or in a group of them, as RecBole's `run` does."""

import socket
from typing import Any, Optional, Union

from recbole_fn.distributed.launch import launch
from recbole_fn.distributed.member import run_experiment
from recbole_fn.distributed.setup import require_gpus
from recbole_fn.errors import InputError
from recbole_fn.quick_start import run_recbole_fn
from recbole_fn.registry import register
from recbole_fn.resuming import configuration, furthest


def run(
    model: Union[str, type, None] = None,
    dataset: Optional[str] = None,
    config_file_list: Optional[list[str]] = None,
    config_dict: Optional[dict[str, Any]] = None,
    saved: bool = True,
    nproc: int = 1,
    world_size: int = -1,
    ip: str = "localhost",
    port: Union[str, int] = "5678",
    group_offset: int = 0,
    resume: Optional[str] = None,
    init_from: Optional[str] = None,
) -> Optional[dict[str, Any]]:
    """Runs in this process, or in a group of them, as RecBole's `run`.

    Each process has a GPU, or they share the CPUs where there is none. `train_batch_size` is that
    of all of them together, so the number of processes does not change what is trained.

    Args:
        model: As in `run_recbole_fn`, like the next four.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.
        saved: See `model`.
        nproc: Processes on this machine.
        world_size: Processes on all machines; `nproc` by default.
        ip: Address of the first machine.
        port: Port of the first machine. Where there is no other one, a free port is taken in place
            of one that is in use.
        group_offset: Rank of this machine's first process.
        resume: As in `run_recbole_fn`, like the next one.
        init_from: See `resume`.

    Returns:
        What `run_recbole_fn` returns.

    Raises:
        InputError: as `run_recbole_fn`; and for a group that is no group.
        RankError: if one of the processes was killed.
    """
    begun = {"resume": resume, "init_from": init_from}
    if nproc == 1 and world_size <= 0:
        return run_recbole_fn(model, dataset, config_file_list, config_dict, saved, **begun)
    size = nproc if world_size == -1 else world_size
    _require_group(nproc, size, group_offset)
    is_one_machine = size == nproc
    group = {
        "world_size": size,
        "nproc": nproc,
        "ip": ip,
        "port": usable_port(port, is_one_machine, is_first=group_offset == 0),
        "offset": group_offset,
    }
    register()
    file = None if resume is None else furthest(resume)
    config = configuration(model, dataset, config_file_list, config_dict, file)
    require_gpus(config.final_config_dict, nproc)
    keys = {**(config_dict or {}), **group}
    result: dict[str, Any] = launch(
        run_experiment, nproc, model, dataset, config_file_list, keys, saved, begun
    )
    return result


def usable_port(port: Union[str, int], is_one_machine: bool, is_first: bool) -> int:
    """The port at which the ranks meet.

    Args:
        port: The port that is asked for.
        is_one_machine: Whether all ranks are on this machine, so that any port is as good.
        is_first: Whether the first rank, which listens there, is on this machine.

    Raises:
        InputError: if it is no port, or is in use and other machines know it.
    """
    if not str(port).isdecimal() or not 1 <= int(port) <= 65_535:
        raise InputError(f"--port is {port!r}; allowed is an integer from 1 to 65535")
    if not is_first or _is_free(int(port)):
        return int(port)
    if not is_one_machine:
        raise InputError(f"--port is {port}, which is in use; allowed is a free one")
    with socket.create_server(("", 0)) as free:
        return int(free.getsockname()[1])


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("", port)):
            return True
    except OSError:
        return False


def _require_group(nproc: int, size: int, offset: int) -> None:
    if nproc < 1:
        raise InputError(f"--nproc is {nproc}; allowed is an integer from 1")
    if not 0 <= offset <= size - nproc:
        raise InputError(
            f"--nproc is {nproc}, --world_size {size} and --group_offset {offset}; allowed is an "
            f"offset from 0 to world_size - nproc"
        )
