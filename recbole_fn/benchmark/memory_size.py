"""Compares the size of the memory of hard negatives with plain dictionaries."""

import gc
import tracemalloc
from argparse import Namespace
from collections.abc import Callable

from recbole_fn.benchmark.comparison import BYTES, Comparison, of_pairs
from recbole_fn.benchmark.setup import ON
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.experiment.build import build_experiment
from recbole_fn.experiment.first_batches import FirstBatches
from recbole_fn.extraction.memory import HardNegativeMemory

Dictionaries = tuple[dict[int, list[int]], dict[tuple[int, int], int]]


def compare_memory(options: Namespace) -> list[Comparison]:
    """Compares bytes per remembered pair after one epoch without extraction and two with it.

    Args:
        options: The options of the command line.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> rows = compare_memory(read_options(["--quick", "--dataset=tiny"]))
        >>> all(row.ratio > 0 for row in rows)
        True
    """
    run = build_experiment(config_of(options, **{**ON, "fn_start": 1, "fn_flip_after": 5}))
    epochs = FirstBatches(run)
    for epoch in range(3):
        epochs.train(epoch)
    memory = run.trainer.fn_step.memory
    pairs = memory.num_pairs()
    saved = sum(tensor.nbytes for tensor in memory.state_dict().values())
    naive = allocated(lambda: dictionaries(memory)) / pairs
    return [
        of_pairs(f"{what} of {pairs:,} pairs: dictionaries", BYTES, [(size / pairs, naive)])
        for what, size in (("memory", memory.num_bytes()), ("checkpoint", saved))
    ]


def dictionaries(memory: HardNegativeMemory) -> Dictionaries:
    """Copies hard negatives and counts into plain dictionaries, as in the paper's algorithm.

    Args:
        memory: The memory.

    Returns:
        The hard negatives of each trained row, and the count of each (row, item). An item in both
        is one shared object, so such dictionaries cannot take less.

    Example:
        >>> import torch
        >>> memory = HardNegativeMemory(num_rows=2, num_items=9, flip_after=5)
        >>> rows, hard = torch.tensor([1]), torch.tensor([[True]])
        >>> memory.update(rows, torch.tensor([[4]]), hard)
        >>> dictionaries(memory)
        ({1: [4]}, {})
    """
    hard: dict[int, list[int]] = {}
    counts: dict[tuple[int, int], int] = {}
    state = memory.state_dict()
    items, all_counts = iter(state["items"].tolist()), iter(state["counts"].tolist())
    lengths, hard_lengths = state["lengths"].tolist(), state["hard_lengths"].tolist()
    for row, (length, hard_length) in enumerate(zip(lengths, hard_lengths, strict=False)):
        if length == 0:
            continue
        hard[row] = []
        for place in range(length):
            item, count = next(items), next(all_counts)
            if place < hard_length:
                hard[row].append(item)
            if count > 0:  # 0: remembered in the row's last step, so not counted yet
                counts[row, item] = count
    return hard, counts


def allocated(make: Callable[[], object]) -> int:
    """Measures the bytes of all Python objects that a call creates and its result keeps alive.

    `tracemalloc` counts allocated memory: containers including their spare capacity, every tuple
    and every integer, and each shared object once.

    Args:
        make: Creates the objects.

    Example:
        >>> allocated(lambda: bytearray(10_000)) > 10_000
        True
    """
    gc.collect()  # also frees the tuples that Python keeps for reuse, which are not traced
    tracemalloc.start()
    try:
        result = make()
        size: int = tracemalloc.get_traced_memory()[0]
        del result
        return size
    finally:
        tracemalloc.stop()
