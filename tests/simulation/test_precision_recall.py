"""Precision, recall and lift equal what loops over rows and items count."""

import pytest
import torch

from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.extraction.counted_pairs import counted_pairs
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.precision_recall import compare_with_truth
from recbole_fn.simulation.row_truth import row_truth
from recbole_fn.simulation.truth import read_truth, write_data
from recbole_fn.simulation.world import simulate
from tests.helpers.runs import pieces

NAME, LENGTH = "world", 8


@pytest.fixture
def world(own_folder):
    """The truth of a small world, and a run on its data."""
    options = WorldOptions(users=15, items=40, length=LENGTH, slate=20, liked=0.3)
    place = write_data(own_folder, NAME, *simulate(options))
    keys = {"data_path": str(own_folder), "fn_neg_num": 6, "fn_flip_after": 32_000}
    return read_truth(place), lambda **more: pieces(dataset=NAME, **{**keys, **more})


def filled_memory(dataset, visits=40):
    """Counts of a memory after random visits."""
    random = torch.Generator().manual_seed(0)
    memory = HardNegativeMemory(len(dataset), dataset.item_num, 32_000)
    rows = torch.arange(len(dataset))
    for _ in range(visits):
        drawn = torch.randint(1, dataset.item_num, (len(rows), 6), generator=random)
        items, *_ = memory.inject_remembered(rows, drawn)
        memory.update(rows, items, torch.rand(items.shape, generator=random) < 0.8)
    return memory


def naive(memory, dataset, truth, m, exclude):
    """The same figures, row by row and item by item, by the tokens of the file."""
    rows, users, tokens = dataset.inter_feat, dataset.uid_field, dataset.field2id_token
    taken = {}  # user token -> training items
    for row in range(len(dataset)):
        listed = rows[dataset.iid_field + "_list"][row].tolist()
        had = taken.setdefault(int(rows[users][row]), set())
        had.update(item for item in [*listed, int(rows[dataset.iid_field][row])] if item)
    totals = {"extracted": 0, "liked": 0, "base": 0.0, "likable": 0, "hard": 0, "hard_liked": 0}
    for row in range(len(dataset)):
        user, step = int(rows[users][row]), int(rows[dataset.time_field][row])
        taste = truth.tastes[int(tokens[users][user][1:]), step].astype(float)
        limit = truth.thresholds[int(tokens[users][user][1:]), step]
        target = int(rows[dataset.iid_field][row])
        left_out = taken[user] if exclude == "history" else {target}
        likes, drawable = {}, []
        for item in range(1, dataset.item_num):
            vector = truth.vectors[int(tokens[dataset.iid_field][item][1:])]
            likes[item] = float(taste @ vector) > limit
            drawable += [item] if item not in left_out else []
        share = sum(likes[item] for item in drawable) / len(drawable)
        totals["likable"] += sum(likes[item] for item in drawable)
        for item in range(1, dataset.item_num):
            if memory.count(row, item) > m:
                totals["extracted"] += 1
                totals["liked"] += likes[item]
                totals["base"] += share
            elif item in memory.hard_negatives(row):
                totals["hard"] += 1
                totals["hard_liked"] += likes[item]
    return totals


@pytest.mark.slow
@pytest.mark.parametrize("exclude", ["history", "target"])
def test_it_equals_loops_over_rows_and_items(world, exclude):
    truth, make = world
    loader = make(fn_neg_exclude=exclude).train_data
    dataset = dataset_of(loader)
    memory = filled_memory(dataset)
    rows = row_truth(truth, dataset, sampler_of(loader))
    measured = compare_with_truth(counted_pairs(memory.state_dict()), rows, [0, 2, 5])
    for figures in measured:
        expected = naive(memory, dataset, truth, figures.m, exclude)
        assert expected["extracted"] > 0 and expected["hard"] > 0
        base = expected["base"] / expected["extracted"]
        precision = expected["liked"] / expected["extracted"]
        assert (figures.extracted, figures.extracted_liked) == (
            expected["extracted"],
            expected["liked"],
        )
        assert figures.precision == pytest.approx(precision)
        assert figures.base == pytest.approx(base)
        assert figures.lift == pytest.approx(precision / base)
        assert figures.recall == pytest.approx(expected["liked"] / expected["likable"])
        assert figures.hard == expected["hard"]
        assert figures.hard_precision == pytest.approx(expected["hard_liked"] / expected["hard"])


@pytest.mark.slow
def test_counted_pairs_are_those_of_the_memory(world):
    dataset = dataset_of(world[1]().train_data)
    memory = filled_memory(dataset)
    rows, items, counts, is_hard = counted_pairs(memory.state_dict())
    assert len(rows) == memory.num_pairs() and int(is_hard.sum()) == memory.num_remembered()
    for row, item, count, hard in zip(
        *(part.tolist() for part in (rows, items, counts, is_hard)), strict=False
    ):
        assert memory.count(row, item) == count
        assert (item in memory.hard_negatives(row)) == hard


def test_nothing_extracted_has_no_precision(world):
    truth, make = world
    loader = make().train_data
    memory = HardNegativeMemory(len(dataset_of(loader)), dataset_of(loader).item_num, 5)
    rows = row_truth(truth, dataset_of(loader), sampler_of(loader))
    (figures,) = compare_with_truth(counted_pairs(memory.state_dict()), rows, [1])
    assert (figures.extracted, figures.recall, figures.hard) == (0, 0, 0)
    assert figures.precision is figures.base is figures.lift is figures.hard_precision is None
