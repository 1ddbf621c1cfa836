"""Runs in this process or in a group of them, as RecBole's `run` does."""

from typing import Any, Optional, Union

import torch
from recbole.config import Config
from torch.multiprocessing.spawn import spawn

from recbole_fn.errors import InputError, mistakes_in
from recbole_fn.quick_start import run_recbole_fn
from recbole_fn.registry import register
from recbole_fn.settings import FNSettings


def run(
    model: Union[str, type, None] = None,
    dataset: Optional[str] = None,
    config_file_list: Optional[list[str]] = None,
    config_dict: Optional[dict[str, Any]] = None,
    saved: bool = True,
    nproc: int = 1,
    world_size: int = -1,
    ip: str = "localhost",
    port: str = "5678",
    group_offset: int = 0,
) -> Optional[dict[str, Any]]:
    """Runs in this process, or in a group of processes with one GPU each, as RecBole's `run`.

    Args:
        model: As in `run_recbole_fn`, like the next four.
        dataset: See `model`.
        config_file_list: See `model`.
        config_dict: See `model`.
        saved: See `model`.
        nproc: Processes on this machine.
        world_size: Processes on all machines; `nproc` by default.
        ip: Address of the first machine.
        port: Port of the first machine.
        group_offset: Rank of this machine's first process.

    Returns:
        What `run_recbole_fn` returns.

    Raises:
        InputError: as `run_recbole_fn`; and for a group of processes where extraction is on or
            there is no GPU.
    """
    if nproc == 1 and world_size <= 0:
        return run_recbole_fn(model, dataset, config_file_list, config_dict, saved)
    _require_group(model, dataset, config_file_list, config_dict, nproc)
    group = {
        "world_size": nproc if world_size == -1 else world_size,
        "nproc": nproc,
        "ip": ip,
        "port": port,
        "offset": group_offset,
    }
    queue = torch.multiprocessing.get_context("spawn").SimpleQueue()
    arguments = (model, dataset, config_file_list, {**(config_dict or {}), **group}, saved, queue)
    spawn(_run_member, arguments, nprocs=nproc)
    return None if queue.empty() else queue.get()


def _require_group(
    model: Any, dataset: Any, config_file_list: Any, config_dict: Any, nproc: int
) -> None:
    register()
    with mistakes_in("the configuration"):
        config = Config(model, dataset, config_file_list, config_dict)
    if FNSettings.from_config(config.final_config_dict).enabled:
        raise InputError(f"--nproc is {nproc}; with fn_enabled: True allowed is one process")
    if not torch.cuda.is_available():
        raise InputError(f"--nproc is {nproc}, but there is no GPU; allowed is one process")


def _run_member(
    rank: int, model: Any, dataset: Any, files: Any, config: Any, saved: bool, queue: Any
) -> None:
    run_recbole_fn(model, dataset, files, {**config, "local_rank": rank}, saved, queue)
    torch.distributed.destroy_process_group()
