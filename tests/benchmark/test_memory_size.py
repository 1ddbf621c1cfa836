"""The dictionaries hold what the memory holds, and their size is that of their objects."""

import sys

import pytest
import torch

from recbole_fn.benchmark.memory_size import allocated, dictionaries
from recbole_fn.extraction.memory import HardNegativeMemory
from tests.helpers.reference import ReferenceMemory


def test_the_dictionaries_are_those_of_the_naive_algorithm():
    generator = torch.Generator().manual_seed(3)
    ours, naive = HardNegativeMemory(6, 30, flip_after=2), ReferenceMemory(flip_after=2)
    for _ in range(8):
        rows = torch.randperm(6, generator=generator)[:4]
        drawn = torch.randint(1, 30, (4, 5), generator=generator)
        items, flipped, _ = ours.inject_remembered(rows, drawn)
        hard = (torch.rand(4, 5, generator=generator) < 0.5) & ~flipped
        ours.update(rows, items, hard)
        for row, these, chosen in zip(rows.tolist(), drawn.tolist(), hard.tolist(), strict=False):
            naive.update(row, naive.inject_remembered(row, these)[0], chosen)
    hard_negatives, counts = dictionaries(ours)
    assert counts == naive.counts
    assert any(naive.hard.values())
    for row, items in naive.hard.items():
        assert hard_negatives.get(row, []) == items


@pytest.mark.slow
def test_the_size_is_the_sum_over_all_objects():
    size = allocated(lambda: {(row, row + 10**6): row + 10**9 for row in range(1000, 4000)})
    made = {(row, row + 10**6): row + 10**9 for row in range(1000, 4000)}
    objects = [made, *made, *made.values(), *(number for key in made for number in key)]
    total = sum(map(sys.getsizeof, objects))
    assert total <= size <= 1.1 * total  # Python allocates 4 bytes more for a small integer
