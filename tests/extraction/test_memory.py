"""The memory equals dictionaries and loops, visit by visit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.extraction.settled import SettledCounts
from tests.helpers.reference import ReferenceMemory

ROWS, ITEMS = 6, 9


@st.composite
def visits(draw):
    """N, m, and batches of distinct rows with draws and hard slots; rows recur at will."""
    slots = draw(st.integers(1, 5))
    row = st.tuples(
        st.lists(st.integers(1, ITEMS - 1), min_size=slots, max_size=slots),
        st.one_of(st.lists(st.booleans(), min_size=slots, max_size=slots), st.just([True] * slots)),
    )
    batch = st.dictionaries(st.integers(0, ROWS - 1), row, min_size=1)
    return slots, draw(st.integers(0, 3)), draw(st.lists(batch, max_size=12))


def visit(memory, reference, batch):
    """Visits the rows of a batch in both and compares what they inject."""
    rows = list(batch)
    expected = [reference.inject_remembered(row, batch[row][0]) for row in rows]
    negatives, flipped, remembered = memory.inject_remembered(
        torch.tensor(rows), torch.tensor([batch[row][0] for row in rows])
    )
    assert negatives.tolist() == [items for items, _, _ in expected]
    assert flipped.tolist() == [flips for _, flips, _ in expected]
    assert remembered.tolist() == [len(reference.hard.get(row, [])) for row in rows]
    hard = torch.tensor([batch[row][1] for row in rows]) & ~flipped
    memory.update(torch.tensor(rows), negatives, hard)
    for row, (items, *_), is_hard in zip(rows, expected, hard.tolist(), strict=False):
        reference.update(row, items, is_hard)


def assert_same_state(memory, reference):
    for row in range(ROWS):
        assert memory.hard_negatives(row) == reference.hard.get(row, [])
        for item in range(1, ITEMS):
            assert memory.count(row, item) == reference.counts.get((row, item), 0)


@pytest.mark.slow
@given(visits())
@settings(max_examples=200, deadline=None)
def test_equals_the_reference_visit_by_visit(case):
    _, flip_after, batches = case
    memory = HardNegativeMemory(ROWS, ITEMS, flip_after)
    reference = ReferenceMemory(flip_after)
    for batch in batches:
        visit(memory, reference, batch)
        assert_same_state(memory, reference)
    assert memory.num_remembered() == sum(map(len, reference.hard.values()))


@pytest.mark.slow
@given(visits(), visits())
@settings(max_examples=50, deadline=None)
def test_a_loaded_state_goes_on_as_the_saved_one(first, second):
    memory, reference = HardNegativeMemory(ROWS, ITEMS, first[1]), ReferenceMemory(first[1])
    for batch in first[2]:
        visit(memory, reference, batch)
    loaded = HardNegativeMemory(ROWS, ITEMS, first[1])
    loaded.load_state_dict(memory.state_dict())
    assert_same_state(loaded, reference)
    if second[0] >= first[0]:  # as many slots as before, or more
        for batch in second[2]:
            visit(loaded, reference, batch)
        assert_same_state(loaded, reference)


@pytest.mark.slow
@given(visits(), st.integers(1, 4), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_fading_equals_the_reference(case, every, part):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recbole_fn.extraction.settled._MERGED", part)  # the last one is smaller
        memory, reference = HardNegativeMemory(ROWS, ITEMS, case[1]), ReferenceMemory(case[1])
        for number, batch in enumerate(case[2], 1):
            visit(memory, reference, batch)
            if number % every == 0:
                memory.fade()
                reference.fade()
            assert_same_state(memory, reference)
        assert memory.num_pairs() == sum(
            max(reference.counts.get((row, item), 0), item in reference.hard.get(row, [])) > 0
            for row in range(ROWS)
            for item in range(1, ITEMS)
        )


def test_fading_bounds_the_pairs_of_negatives_that_are_hard_by_chance():
    generator, all_rows, slots = torch.Generator().manual_seed(3), torch.arange(20), 10
    faded, exact = (HardNegativeMemory(len(all_rows), 5000, 5) for _ in range(2))
    sizes = []
    for epoch in range(60):
        drawn = torch.randint(1, 5000, (len(all_rows), slots), generator=generator)
        hard = torch.rand(len(all_rows), slots, generator=generator) < 0.5
        for memory in (faded, exact):
            negatives, _, _ = memory.inject_remembered(all_rows, drawn)
            memory.update(all_rows, negatives, hard)
        if epoch % 2 == 1:
            faded.fade()
            sizes.append(faded.num_pairs())
    assert max(sizes[3:]) < 1.5 * sizes[2]  # after 6 epochs it grows no more
    assert exact.num_pairs() > 10 * sizes[-1]


def test_entries_are_moved_together_piece_by_piece(monkeypatch):
    monkeypatch.setattr("recbole_fn.extraction.row_lists._SPARE", 1)  # moved at almost every visit
    monkeypatch.setattr("recbole_fn.extraction.row_lists._PACKED", 4)  # the last piece is smaller
    monkeypatch.setattr("recbole_fn.extraction.settled._MERGED", 3)
    memory, reference = HardNegativeMemory(ROWS, ITEMS, 1), ReferenceMemory(1)
    generator = torch.Generator().manual_seed(5)
    for _ in range(20):
        rows = torch.randperm(ROWS, generator=generator)[:3].tolist()
        drawn = torch.randint(1, ITEMS, (3, 5), generator=generator).tolist()
        hard = (torch.rand(3, 5, generator=generator) < 0.6).tolist()
        visit(
            memory, reference, {row: these for row, *these in zip(rows, drawn, hard, strict=False)}
        )
        assert_same_state(memory, reference)


def test_a_state_shares_nothing_with_the_memory():
    memory = HardNegativeMemory(1, ITEMS, 0)
    row, drawn, hard = torch.tensor([0]), torch.tensor([[3, 4]]), torch.ones(1, 2, dtype=torch.bool)
    memory.update(row, drawn, hard)
    state = memory.state_dict()
    memory.update(row, drawn, ~hard)
    assert state["hard_lengths"].tolist() == [2]


def test_a_flipped_item_leaves_keeps_its_count_and_is_flipped_again():
    memory, row = HardNegativeMemory(1, ITEMS, flip_after=1), torch.tensor([0])
    drawn = torch.tensor([[3]])
    flips = []
    for _ in range(5):
        negatives, flipped, _ = memory.inject_remembered(row, drawn)
        memory.update(row, negatives, ~flipped)
        flips.append(bool(flipped))
    # Visit 0 remembers 3, visits 1 and 2 count it, visit 2 flips it and lets it go; visit 3
    # draws and remembers it again, visit 4 counts it a third time.
    assert flips == [False, False, True, False, True]
    assert memory.count(0, 3) == 3


def test_a_row_twice_in_a_batch_is_refused():
    memory = HardNegativeMemory(3, ITEMS, 1)
    with pytest.raises(ValueError, match="twice"):
        memory.inject_remembered(torch.tensor([1, 1]), torch.tensor([[2], [3]]))


def test_a_state_of_other_rows_is_refused():
    with pytest.raises(ValueError, match="3 rows"):
        HardNegativeMemory(3, ITEMS, 1).load_state_dict(
            HardNegativeMemory(2, ITEMS, 1).state_dict()
        )


def test_counts_stop_at_their_largest_value_and_stay_flipped():
    memory, row = HardNegativeMemory(1, ITEMS, 5), torch.tensor([0])
    memory.update(row, torch.tensor([[3]]), torch.ones(1, 1, dtype=torch.bool))
    state = memory.state_dict()
    state["counts"][:] = torch.iinfo(torch.int16).max
    memory.load_state_dict(state)
    _, flipped, _ = memory.inject_remembered(row, torch.tensor([[1]]))
    assert flipped.item() and memory.count(0, 3) == torch.iinfo(torch.int16).max


def test_takes_at_most_16_bytes_a_pair_and_24_a_row():
    rows, items, slots = 500, 4000, 50
    memory, chance = HardNegativeMemory(rows, items, 3), torch.Generator().manual_seed(1)
    empty = memory.num_bytes()
    for _ in range(20):
        for part in torch.randperm(rows, generator=chance).split(64):
            drawn = torch.randint(1, items, (len(part), slots), generator=chance)
            negatives, flipped, _ = memory.inject_remembered(part, drawn)
            hard = torch.rand(negatives.shape, generator=chance) < 0.3
            memory.update(part, negatives, hard & ~flipped)
            assert memory.num_bytes() - empty <= 16 * memory.num_pairs()
    assert empty <= 24 * rows + 6 * 1024
    assert memory.num_pairs() > 50_000


def test_an_epoch_of_visits_is_merged_once_and_equals_the_reference(monkeypatch):
    merges = []
    merge = SettledCounts.merge
    monkeypatch.setattr(SettledCounts, "merge", lambda self: merges.append(1) or merge(self))
    memory, reference = HardNegativeMemory(ROWS, ITEMS, 1), ReferenceMemory(1)
    chance = torch.Generator().manual_seed(3)
    for _ in range(5):
        for rows in torch.randperm(ROWS, generator=chance).split(2):
            drawn = torch.randint(1, ITEMS, (2, 4), generator=chance)
            hard = torch.rand(2, 4, generator=chance) < 0.5
            pairs = zip(rows.tolist(), drawn.tolist(), hard.tolist(), strict=True)
            visit(memory, reference, {row: these for row, *these in pairs})
    assert len(merges) == 4  # at the first visit of each epoch but the first
    assert_same_state(memory, reference)


def test_counts_of_pairs_that_come_back_go_on_without_a_new_entry():
    memory, row = HardNegativeMemory(1, ITEMS, flip_after=9), torch.tensor([0])
    drawn, yes = torch.tensor([[3]]), torch.ones(1, 1, dtype=torch.bool)
    for hard in (yes, ~yes, yes, ~yes, yes, ~yes):
        items, _, _ = memory.inject_remembered(row, drawn)
        memory.update(row, items, hard)
    assert memory.count(0, 3) == 3 and memory.num_pairs() == 1
    assert memory.entries(row)[1].tolist() == [3]
