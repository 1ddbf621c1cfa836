"""The share of flipped items that are held out equals a loop over pairs, and nothing leaks."""

import pytest
import torch

from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.false_negative_check import (
    check_false_negatives,
    describe,
    held_out_rate,
)
from tests.helpers.runs import fit, pieces

NUM_USERS, NUM_ITEMS = 6, 12


def test_shares_equal_a_loop_over_pairs():
    chance = torch.Generator().manual_seed(3)
    pairs = torch.randperm(NUM_USERS * NUM_ITEMS, generator=chance)
    pairs = pairs[pairs % NUM_ITEMS > 0]  # 0 is the padding
    had, held, extracted = (
        pairs[:15].sort().values,
        pairs[10:30],
        pairs[torch.randint(0, 60, (80,))],
    )
    histories = UserHistories.from_pairs(had, NUM_USERS, NUM_ITEMS)
    result = held_out_rate(extracted, held.unique(), histories)

    known, wanted = set(had.tolist()), set(held.tolist()) - set(had.tolist())
    distinct = {pair for pair in extracted.tolist() if pair not in known}
    by_chance = []
    for pair in distinct:
        user = pair // NUM_ITEMS
        free = {user * NUM_ITEMS + item for item in range(1, NUM_ITEMS)} - known
        by_chance.append(len(free & wanted) / len(free))
    assert result.pairs == len(distinct)
    assert abs(result.share - len(distinct & wanted) / len(distinct)) < 1e-6
    assert abs(result.random - sum(by_chance) / len(by_chance)) < 1e-6
    assert abs(result.lift - result.share / result.random) < 1e-6


def test_all_items_of_all_users_are_held_out_as_often_as_by_chance():
    everything = torch.arange(NUM_USERS * NUM_ITEMS).view(NUM_USERS, NUM_ITEMS)[1:, 1:].reshape(-1)
    histories = UserHistories.from_pairs(everything[::4], NUM_USERS, NUM_ITEMS)
    check = held_out_rate(everything, everything[1::3], histories)
    assert abs(check.lift - 1) < 1e-6


def test_without_extraction_it_says_so():
    run = pieces(fn_start=0, fn_flip_after=32_000, epochs=1)
    fit(run)
    flipped, hard = check_false_negatives(run.trainer, run.valid_data, run.test_data)
    assert (flipped.pairs, flipped.share, flipped.lift) == (0, None, None)
    assert hard.pairs > 0
    assert describe(flipped, hard) == "no item was extracted"


@pytest.mark.slow
def test_training_never_sees_held_out_items():
    """Other items in validation and test change no loss, no weight and no memory."""
    runs = []
    for changes in (False, True):
        run = pieces(fn_start=1, fn_flip_after=0, epochs=3)  # seeds all randomness
        for loader in (run.valid_data, run.test_data) if changes else ():
            items = dataset_of(loader).inter_feat["item_id"]
            items.copy_(items.flip(0))
        fit(run)
        runs.append(run)
    first, second = (run.trainer for run in runs)
    assert first.train_loss_dict == second.train_loss_dict
    pairs = zip(first.model.parameters(), second.model.parameters(), strict=False)
    assert all(torch.equal(*pair) for pair in pairs)
    states = [trainer.fn_step.memory.state_dict() for trainer in (first, second)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert check_false_negatives(first, runs[0].test_data) != check_false_negatives(
        second, runs[1].test_data
    )
