"""Trains ours and RecBole on a GPU in turn, in single and in mixed precision."""

import gc
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from recbole_fn.benchmark.sampler_costs import alternate, clock
from recbole_fn.benchmark.setup import BPR, CE, ON
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.experiment.build import build_experiment
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.results.text_table import text_table
from recbole_fn.utils.digits import significant

MODELS = ("SASRec", "GRU4Rec", "NARM")
_PRECISIONS = ("float32", "bfloat16")
_SIDES: dict[str, dict[str, Any]] = {"ours": ON, "BPR": BPR, "CE": CE}
_WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize")


@dataclass(frozen=True)
class GPUCost:
    """What training a model costs on a GPU, with extraction on, and what RecBole's costs there.

    Attributes:
        model: Name of the model.
        precision: `float32`, or `bfloat16` for RecBole's `enable_amp` with that type.
        ours: Median milliseconds of a thousand rows.
        bpr: How many times as long RecBole's BPR with 1 negative takes.
        ce: How many times as long RecBole's CE over all items takes.
        peak: Our peak of the GPU's memory, in bytes.
        ce_peak: That of RecBole's CE.
        waits: How often a step waits for the GPU.
        busy: The part of our time in which the GPU computes.

    Example:
        >>> GPUCost("SASRec", "float32", 1.5, 20.0, 25.0, 10**9, 10**10, 7.0, 0.4).ce
        25.0
    """

    model: str
    precision: str
    ours: float
    bpr: float
    ce: float
    peak: int
    ce_peak: int
    waits: float
    busy: float


def measure_gpu(options: Namespace) -> list[GPUCost]:
    """Measures models in both precisions; each side's runs are timed in turn.

    Args:
        options: The options of the command line; `gpu` are the models.

    Example:
        Without a GPU it measures the processor:

        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> options = read_options(["--quick", "--dataset=tiny"])
        >>> options.gpu = ["GRU4Rec"]
        >>> [cost.precision for cost in measure_gpu(options)]
        ['float32', 'bfloat16']
    """
    return [
        _cost(Namespace(**{**vars(options), "model": model}), precision)
        for model in options.gpu
        for precision in _PRECISIONS
    ]


def _cost(options: Namespace, precision: str) -> GPUCost:
    amp = {"enable_amp": precision != "float32"}

    def first_batches(side: str) -> FirstBatches:
        config = config_of(options, **_SIDES[side], **amp)
        return FirstBatches(build_experiment(config), options.batches)

    with half_type(torch.bfloat16):
        peak, ce_peak = _peak(first_batches, "ours"), _peak(first_batches, "CE")
        tasks = {side: first_batches(side) for side in _SIDES}
        trains = {side: task.train for side, task in tasks.items()}
        times = alternate(trains, options.repeats, clock())
        waits, busy = _profiled(trains["ours"])
    ours, bpr, ce = (median(times[side]) for side in _SIDES)
    sizes = peak, ce_peak, waits / len(tasks["ours"]), busy
    return GPUCost(options.model, precision, ours * 1e6, bpr / ours, ce / ours, *sizes)


@contextmanager
def half_type(dtype: torch.dtype) -> Iterator[None]:
    """Within the context, mixed precision computes with this type.

    Args:
        dtype: `torch.bfloat16` or `torch.float16`.

    Example:
        >>> with half_type(torch.float16):
        ...     torch.get_autocast_dtype("cuda")
        torch.float16
    """
    before = {device: torch.get_autocast_dtype(device) for device in ("cpu", "cuda")}
    try:
        for device in before:
            torch.set_autocast_dtype(device, dtype)
        yield
    finally:
        for device, was in before.items():
            torch.set_autocast_dtype(device, was)


def _peak(first_batches: Callable[[str], FirstBatches], side: str) -> int:
    """The peak of a side's training with nothing else on the GPU."""
    if not torch.cuda.is_available():
        return 0
    gc.collect()  # runs refer to themselves
    torch.cuda.reset_peak_memory_stats()
    first_batches(side).train()
    return torch.cuda.max_memory_allocated()


def _profiled(train: Callable[[], int]) -> tuple[int, float]:
    """How often a pass waits for the GPU, and the part of its time in which the GPU computes."""
    wanted = {ProfilerActivity.CPU, ProfilerActivity.CUDA}
    with profile(activities=wanted & torch.profiler.supported_activities()) as profiler:
        begin = perf_counter()
        train()
        seconds = perf_counter() - begin
    events = profiler.key_averages()
    computing = sum(event.self_device_time_total for event in events) / 1e6
    return waits_in((event.key, event.count) for event in events), computing / seconds


def waits_in(events: Iterable[tuple[str, int]]) -> int:
    """How often a profile's process waits for the GPU.

    Args:
        events: Names of what has run, with how often it has.

    Example:
        >>> waits_in([("aten::add", 9), ("cudaStreamSynchronize", 2)])
        2
    """
    return sum(count for name, count in events if name in _WAITS)


def table(costs: Iterable[GPUCost]) -> str:
    """Formats costs as a table.

    Args:
        costs: The rows of the table.

    Example:
        >>> print(table([GPUCost("NARM", "float32", 1.5, 20.0, 25.0, 2**30, 2**31, 7.0, 0.4)]))
        model, precision ...ms/1000 rows    BPR / ours    CE / ours ...
    """
    return text_table([_cells(cost) for cost in costs], "model, precision")


def _cells(cost: GPUCost) -> dict[str, str]:
    return {
        "model, precision": f"{cost.model}, {cost.precision}",
        "ms/1000 rows": significant(cost.ours),
        "BPR / ours": significant(cost.bpr),
        "CE / ours": significant(cost.ce),
        "GiB": significant(cost.peak / 2**30),
        "CE GiB": significant(cost.ce_peak / 2**30),
        "waits/step": significant(cost.waits),
        "busy": f"{cost.busy:.0%}",
    }
