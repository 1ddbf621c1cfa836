"""Remembered items among the draws: equal to the reference, slot by slot, with their chances."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.extraction.slots import Injection, without_memory
from recbole_fn.negatives import ListedSampler, duplicates
from recbole_fn.negatives.base import Negatives
from recbole_fn.negatives.drawing import uniform_log_q
from recbole_fn.negatives.duplicates import RepeatFinder
from tests.extraction.test_memory import ITEMS, ROWS, visits
from tests.helpers.reference import ReferenceMemory
from tests.helpers.sampling import all_rows, context_of


@pytest.mark.slow
@given(visits(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_it_equals_the_reference(case, has_valid):
    _, flip_after, batches = case
    memory, reference = HardNegativeMemory(ROWS, ITEMS, flip_after), ReferenceMemory(flip_after)
    inject = Injection(memory)
    for batch in batches:
        rows = list(batch)
        drawn = torch.tensor([batch[row][0] for row in rows])
        known = [len(reference.hard.get(row, [])) for row in rows]
        expected = [reference.inject_remembered(row, batch[row][0]) for row in rows]
        allowed = drawn % 2 == 0 if has_valid else None
        slots = inject(torch.tensor(rows), Negatives(drawn, valid=allowed), None)
        assert slots.items.tolist() == [items for items, _, _ in expected]
        assert slots.extracted.tolist() == [flips for _, flips, _ in expected]
        for place, (_, _, masked) in enumerate(expected):
            for slot, mask in enumerate(masked):
                refused = has_valid and slot >= known[place] and not allowed[place, slot]
                assert bool(slots.valid[place, slot]) is not (mask or refused)
        labels = {}
        for place, slot in slots.valid.nonzero().tolist():  # no item has two labels in a row
            pair = place, int(slots.items[place, slot])
            label = bool(slots.extracted[place, slot])
            assert labels.setdefault(pair, label) is label
        hard = torch.tensor([batch[row][1] for row in rows]) & ~slots.extracted & slots.valid
        memory.update(torch.tensor(rows), slots.items, hard)
        for row, (items, _, _), is_hard in zip(rows, expected, hard.tolist(), strict=False):
            reference.update(row, items, is_hard)


@pytest.mark.parametrize("largest", [4, 1 << 25])
def test_repeats_are_found_with_too_few_marks_too(largest, monkeypatch):
    monkeypatch.setattr(duplicates, "_LARGEST", largest)
    find, source = RepeatFinder(), torch.Generator().manual_seed(0)
    for _ in range(20):  # the marks of one step are gone in the next one
        remembered = torch.randint(0, 60, (7,), generator=source)
        drawn = torch.randint(0, 60, (4, 6), generator=source)
        expected = torch.isin(drawn, remembered)
        assert torch.equal(find(remembered, drawn, 60), expected)
        assert not find.marks.any()


def test_the_chances_of_remembered_and_drawn_items():
    memory = HardNegativeMemory(2, 50, 3)
    memory.update(
        torch.tensor([0, 1]),
        torch.tensor([[7, 8], [9, 9]]),
        torch.tensor([[True, True], [False, False]]),
    )
    drawn = torch.tensor([[1, 2, 7, 4, 5], [1, 2, 3, 4, 5]])
    free = torch.tensor([40, 30])
    log_q = uniform_log_q(5, free)
    slots = Injection(memory)(torch.tensor([0, 1]), Negatives(drawn), log_q)
    # Row 0 remembers two items, which are in every visit; three draws are left for 40 items.
    assert slots.log_q[0].tolist() == pytest.approx([0, 0, *[math.log(3 / 40)] * 3])
    assert slots.log_q[1].tolist() == pytest.approx([math.log(5 / 30)] * 5)
    assert without_memory(Negatives(drawn), log_q).log_q is log_q
    assert slots.valid.tolist() == [[True, True, False, True, True], [True] * 5]


def test_listed_items_beside_remembered_ones_have_the_chance_of_a_visit(tmp_path):
    """Of ten listed items seven find a place among twelve slots, in turn."""
    path, num, visits = tmp_path / "own.tsv", 12, 4000
    path.write_text("user\titem\nu1\t" + " ".join(f"i{n}" for n in range(3, 13)) + "\n")
    context = context_of({1: {1, 2}, 2: {2}}, 40)
    rows = all_rows(context)
    memory = HardNegativeMemory(len(rows.rows), 40, 9)
    hard = torch.arange(30, 35).expand(len(rows.rows), -1)
    memory.update(rows.rows, hard, torch.ones_like(hard, dtype=torch.bool))
    sampler = ListedSampler(context, ListedSampler.Args(file=str(path)))
    inject, times, chances = Injection(memory), torch.zeros(40), set()
    for _ in range(visits):
        negatives = sampler.sample(rows, num, None)
        slots = inject(rows.rows, negatives, sampler.log_q(rows, negatives))
        times += torch.bincount(slots.items[0], minlength=40)
        chances |= {round(chance, 5) for chance in slots.log_q[0, 5:].exp().tolist()}
        # Without a list, seven draws are left for the 38 items that user 2 has not had.
        assert slots.log_q[2, 5:].exp().tolist() == pytest.approx([7 / 38] * 7)
    assert chances == {0.7} and (times[30:35] == visits).all()
    assert (times[3:13] / visits).tolist() == pytest.approx([0.7] * 10, abs=0.04)
