"""Times a step of training with each sampler of negatives, and sizes what each holds."""

import gc
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from types import FunctionType, ModuleType
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from recbole_fn.benchmark.comparison import Task
from recbole_fn.benchmark.setup import ON
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.experiment.build import Experiment, assemble, load_data
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.negatives import SAMPLERS
from recbole_fn.results.text_table import text_table
from recbole_fn.utils.digits import significant

NAMES = tuple(sampler.name for sampler in SAMPLERS if not sampler.covers_catalogue)
BASE = "uniform"
_CODE = (type, ModuleType, FunctionType)  # leads to everything that is imported
_ARGS: dict[str, dict[str, Any]] = {
    "cross_batch": {"warm_up": 0},
    "guarded": {"guard": "quantile"},
    "listed": {"column": "item_id"},
}


@dataclass(frozen=True)
class SamplerCost:
    """What a sampler costs.

    Attributes:
        sampler: Its name.
        ratio: The median time of its runs, divided by that of `uniform`.
        lowest: The lowest ratio of a run to the run of `uniform` beside it.
        highest: The highest ratio of a run to the run of `uniform` beside it.
        num_bytes: Bytes of the tensors that it holds, besides what all samplers share.

    Example:
        >>> SamplerCost("dns", 1.4, 1.3, 1.5, num_bytes=0).ratio
        1.4
    """

    sampler: str
    ratio: float
    lowest: float
    highest: float
    num_bytes: int


def measure_samplers(options: Namespace) -> list[SamplerCost]:
    """Trains with each sampler in turn, in one process, on the same data.

    Args:
        options: The options of the command line; `samplers` are the names, all if it is empty.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> options = read_options(["--samplers", "dns", "--quick", "--dataset=tiny"])
        >>> [cost.sampler for cost in measure_samplers(options)]
        ['uniform', 'dns']
    """
    names = [BASE, *(name for name in options.samplers or NAMES if name != BASE)]
    data = load_data(config_of(options, **ON, fn_strategy="off"))
    runs = {name: _run(options, name, data) for name in names}
    tasks = {name: FirstBatches(run, options.batches).train for name, run in runs.items()}
    times = alternate(tasks, options.repeats, clock())
    sizes = {
        name: held_bytes(run.trainer.fn_step.sampler, [run.trainer.fn_step.sampler.context])
        for name, run in runs.items()
    }
    return costs(times, sizes)


def _run(options: Namespace, name: str, data: Any) -> Experiment:
    chosen = {"fn_sampler": name, "fn_sampler_args": _ARGS.get(name), "fn_strategy": "off"}
    return assemble(config_of(options, **ON, **chosen), data)


def clock() -> Callable[[], float]:
    """The clock of a measurement: CPU time, which other programs do not lengthen much.

    On a GPU it is the time of day, after all that was asked of the GPU.

    Example:
        >>> now = clock()
        >>> now() <= now()
        True
    """
    if not torch.cuda.is_available():
        return process_time

    def now() -> float:
        torch.cuda.synchronize()
        return perf_counter()

    return now


def alternate(
    tasks: Mapping[str, Task], repeats: int, now: Callable[[], float]
) -> dict[str, list[float]]:
    """Runs tasks in turn, after a warm-up run of each.

    Args:
        tasks: The tasks by name.
        repeats: Measured runs of each.
        now: The clock, in seconds.

    Returns:
        Seconds per row of each measured run, by name.

    Example:
        >>> ticks = iter(range(99))
        >>> alternate({"one": lambda: 1, "two": lambda: 2}, 2, lambda: next(ticks))
        {'one': [1.0, 1.0], 'two': [0.5, 0.5]}
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in tqdm(range(repeats + 1), desc="samplers", disable=None, dynamic_ncols=True):
        for name, task in tasks.items():
            begin = now()
            rows = task()
            times[name].append((now() - begin) / rows)
    return {name: measured[1:] for name, measured in times.items()}


def costs(times: Mapping[str, list[float]], sizes: Mapping[str, int]) -> list[SamplerCost]:
    """Summarises measured times relative to those of `uniform`.

    Args:
        times: The times of each sampler's runs; runs of one round have one place.
        sizes: The bytes that each sampler holds.

    Example:
        >>> costs({"uniform": [1.0, 2.0, 2.0], "dns": [2.0, 3.0, 3.0]}, {"uniform": 0, "dns": 0})[1]
        SamplerCost(sampler='dns', ratio=1.5, lowest=1.5, highest=2.0, num_bytes=0)
    """
    base = times[BASE]
    found = []
    for name, measured in times.items():
        ratios = [ours / other for ours, other in zip(measured, base, strict=True)]
        ratio = median(measured) / median(base)
        found.append(SamplerCost(name, ratio, min(ratios), max(ratios), sizes[name]))
    return found


def held_bytes(owner: object, shared: Sequence[object]) -> int:
    """The bytes of all tensors that an object holds, directly or through others.

    Args:
        owner: The object.
        shared: Objects that do not count, nor anything that is only held through them.

    Example:
        >>> both = {"table": torch.zeros(10), "shared": [torch.zeros(1000)]}
        >>> held_bytes(both, [both["shared"]])
        40
    """
    seen, left, storages = {id(one) for one in shared}, [owner], {}
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _CODE):
            continue
        seen.add(id(one))
        if isinstance(one, Tensor):
            storages[one.untyped_storage().data_ptr()] = one.untyped_storage().nbytes()
        else:
            left += gc.get_referents(one)
    return sum(storages.values())


def table(measured: Sequence[SamplerCost]) -> str:
    """Formats costs as a table.

    Args:
        measured: The rows of the table.

    Example:
        >>> print(table([SamplerCost("dns", 1.42, 1.38, 1.44, num_bytes=0)]))
        sampler      time / uniform        range    bytes held
        ---------  ----------------  -----------  ------------
        dns                    1.42  1.38 - 1.44             0
    """
    return text_table([_cells(cost) for cost in measured], "sampler")


def _cells(cost: SamplerCost) -> dict[str, str]:
    return {
        "sampler": cost.sampler,
        "time / uniform": significant(cost.ratio),
        "range": f"{significant(cost.lowest)} - {significant(cost.highest)}",
        "bytes held": f"{cost.num_bytes:,}",
    }
