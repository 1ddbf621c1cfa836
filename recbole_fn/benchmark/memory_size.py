"""What remembering hard negatives takes, beside the dictionaries that one would write first."""

import gc
import tracemalloc
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from recbole_fn.benchmark.comparison import BYTES, Comparison, of_pairs
from recbole_fn.benchmark.setup import ON, FirstBatches
from recbole_fn.benchmark.versus_recbole import config_of
from recbole_fn.experiment.build import build_experiment
from recbole_fn.extraction.memory import HardNegativeMemory


def compare_memory(options: Namespace) -> list[Comparison]:
    """Bytes for each remembered pair after one epoch without extraction and two with it."""
    run = build_experiment(config_of(options, **{**ON, "fn_start": 1, "fn_flip_after": 5}))
    epochs = FirstBatches(run)
    for epoch in range(3):
        run.trainer._train_epoch(epochs, epoch)
    memory = run.trainer.fn_step.memory
    pairs = memory.num_pairs()
    saved = sum(tensor.nbytes for tensor in memory.state_dict().values())
    naive = allocated(lambda: dictionaries(memory)) / pairs
    return [
        of_pairs(f"{what} of {pairs:,} pairs: dictionaries", BYTES, [(size / pairs, naive)])
        for what, size in (("memory", memory.num_bytes()), ("checkpoint", saved))
    ]


def dictionaries(memory: HardNegativeMemory) -> tuple[dict, dict]:
    """The same hard negatives and counts in plain dictionaries, as the algorithm is written.

    Returns:
        The hard negatives of each visited row, and the count of each (row, item). An item that
        stands in both is one object, so this is the least that such dictionaries take.
    """
    hard: dict[int, list[int]] = {}
    counts: dict[tuple[int, int], int] = {}
    state = memory.state_dict()
    items, numbers = iter(state["items"].tolist()), iter(state["counts"].tolist())
    lengths, hard_lengths = state["lengths"].tolist(), state["hard_lengths"].tolist()
    for row, (length, hard_length) in enumerate(zip(lengths, hard_lengths, strict=False)):
        if length == 0:
            continue
        hard[row] = []
        for place in range(length):
            item, number = next(items), next(numbers)
            if place < hard_length:
                hard[row].append(item)
            if number > 0:  # not yet visited since it was remembered: no key so far
                counts[row, item] = number
    return hard, counts


def allocated(make: Callable[[], Any]) -> int:
    """Bytes of all Python objects that a call makes and that its result keeps alive.

    `tracemalloc` counts what was asked of the allocator: the containers with the room that they
    keep to grow, every tuple and every integer, each shared object once.
    """
    gc.collect()  # also frees the tuples that Python keeps for reuse, which are not traced
    tracemalloc.start()
    try:
        made = make()
        size: int = tracemalloc.get_traced_memory()[0]
        del made
        return size
    finally:
        tracemalloc.stop()
