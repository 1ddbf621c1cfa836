"""Batches hold equally many rows, and histories of like length, in a new order each epoch."""

from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.data.batch_plan import plan_batches
from tests.helpers.runs import fit, pieces


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 6)), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(1, 70),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200, deadline=None)
def test_each_window_lies_in_one_batch_of_nearly_equal_size(windows, wanted, pool, chance):
    lengths, num_rows = (torch.tensor(side) for side in zip(*windows, strict=False))
    total, largest = int(num_rows.sum()), int(num_rows.max())
    num_batches = min(wanted, total // largest)
    order = torch.tensor(chance.sample(range(len(windows)), len(windows)))
    plan = plan_batches(order, lengths, num_rows, num_batches, pool)
    assert sorted(torch.cat(plan).tolist()) == list(range(len(windows)))
    sizes = [int(num_rows[batch].sum()) for batch in plan]
    assert len(sizes) == num_batches
    assert min(sizes) > 0
    assert all(abs(size - total / num_batches) <= largest for size in sizes)


def test_windows_of_like_length_lie_together_within_a_pool():
    lengths = torch.randint(1, 50, (4000,), generator=torch.Generator().manual_seed(2))
    ones = torch.ones_like(lengths)
    plan = plan_batches(torch.arange(4000), lengths, ones, 40, 1600)
    spread = sum(float(lengths[batch].max() - lengths[batch].min()) for batch in plan) / len(plan)
    assert spread < 50 / 16 + 2


@pytest.mark.slow
def test_an_epoch_is_shuffled_and_reproducible():
    run = pieces(train_batch_size=64)
    fit(run)
    loader = run.trainer.fn_loader
    state = loader.generator.get_state()
    first = [batch["fn_row_id"].tolist() for batch in loader]
    second = [batch["fn_row_id"].tolist() for batch in loader]
    loader.generator.set_state(state)
    again = [batch["fn_row_id"].tolist() for batch in loader]
    assert first == again
    assert first != second
    assert sorted(chain(*first)) == sorted(chain(*second))
    assert len(loader) == len(first)
