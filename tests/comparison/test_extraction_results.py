"""What a job says of extraction equals loops over the memory, and the data file."""

import csv
from collections import Counter

import pytest
import torch

from recbole_fn.comparison.extraction_results import describe_extraction, popularity_groups
from recbole_fn.evaluation.popularity import item_users
from recbole_fn.extraction.false_negative_check import check_false_negatives
from recbole_fn.results.extraction_result import HeldOutRate
from tests.evaluation.test_seen import written
from tests.helpers.runs import ROOT, fit, pieces


@pytest.fixture(scope="module")
def run():
    run = pieces(fn_start=0, fn_flip_after=1, epochs=5)
    fit(run)
    return run


@pytest.fixture
def found(run):
    return describe_extraction(run, item_users(run.train_data))


def histories():
    """The items of each user in time order, from the data file."""
    lines = list(csv.reader((ROOT / "dataset" / "tiny" / "tiny.inter").open(), delimiter="\t"))[1:]
    items = {}
    for user, item, _ in sorted(lines, key=lambda line: float(line[2])):
        items.setdefault(user, []).append(item)
    return items


def pairs_of(memory, items):
    """(row, item, visits, whether it is remembered now) of each pair that the memory holds."""
    for row in range(memory.num_rows):
        hard = memory.hard_negatives(row)
        for item in range(1, items):
            count = memory.count(row, item)
            if count or item in hard:
                yield row, item, count, item in hard


@pytest.mark.slow
def test_counts_equal_a_loop_over_pairs(run, found):
    pairs = list(pairs_of(run.trainer.fn_step.memory, run.dataset.item_num))
    visits = Counter(count for _, _, count, _ in pairs)
    assert found.visits == [visits[n] for n in range(max(visits) + 1)]
    users = Counter(item for items in histories().values() for item in set(items[:-2]))
    tokens = run.dataset.id2token("item_id", torch.arange(run.dataset.item_num).numpy())
    groups = popularity_groups(torch.tensor([users[token] for token in tokens])).tolist()
    per_group = Counter()
    for item, token in list(enumerate(tokens))[1:]:
        per_group[groups[item]] += users[token]
    assert found.popularity["interactions"] == [per_group[group] for group in range(10)]
    for name, chosen in (
        ("flipped", [item for _, item, count, _ in pairs if count > 1]),
        ("hard", [item for _, item, count, hard in pairs if hard and count <= 1]),
    ):
        counts = Counter(groups[item] for item in chosen)
        assert len(chosen) > 0
        assert found.popularity[name] == [counts[group] for group in range(10)]


@pytest.mark.slow
def test_examples_are_what_the_data_file_says(run, found):
    memory, items = run.trainer.fn_step.memory, histories()
    rows = run.trainer.fn_train_dataset.inter_feat["user_id"]
    assert len(found.examples) == 5
    for example in found.examples:
        own = items[example.user]
        assert example.history == own[:-2][-10:]
        assert (example.valid, example.test) == ([own[-2]], [own[-1]])
        user = run.dataset.token2id("user_id", example.user)
        visits = Counter()
        for row in (rows == user).nonzero().squeeze(1).tolist():
            for item in range(1, run.dataset.item_num):
                if memory.count(row, item) > 1:
                    visits[run.dataset.id2token("item_id", item)] += memory.count(row, item)
        most = sorted(visits.values(), reverse=True)[:10]
        assert [visits[item] for item in example.flipped] == most and most


@pytest.mark.slow
def test_examples_hold_all_targets_of_a_split_with_many(tmp_path):
    items = written(tmp_path)
    split = {"split": {"RS": [0.2, 0.1, 0.7]}, "order": "TO", "group_by": "user", "mode": "full"}
    keys = {"fn_start": 0, "fn_flip_after": 0, "epochs": 2, "eval_args": split}
    run = pieces(dataset="late", data_path=str(tmp_path), **keys)
    fit(run)
    examples = describe_extraction(run, item_users(run.train_data)).examples
    for example in examples:
        own = items[example.user]
        held = len(example.valid) + len(example.test)
        assert example.valid + example.test == own[-held:]
        assert example.history == own[:-held][-10:]
    assert max(len(example.test) for example in examples) > 10


def test_held_out_shares_are_those_of_a_run(run, found):
    flipped, hard = check_false_negatives(run.trainer, run.valid_data, run.test_data)
    assert found.held_out["flipped"].rate == flipped.share
    assert found.held_out["hard"] == HeldOutRate(hard.pairs, hard.share, hard.random)


def test_groups_are_tenths_by_falling_popularity():
    popularity = torch.tensor([99, *range(20)])
    groups = popularity_groups(popularity)
    assert groups[1:].tolist() == [9 - place // 2 for place in range(20)]
    assert set(popularity_groups(torch.tensor([0, 5, 4]))[1:].tolist()) == {0, 5}


@pytest.mark.slow
def test_without_extraction_there_is_nothing_to_say():
    for keys in ({"fn_strategy": "off"}, {"fn_enabled": False, "train_neg_sample_args": None}):
        run = pieces(epochs=1, **keys)
        fit(run)
        assert describe_extraction(run, item_users(run.train_data)) is None
