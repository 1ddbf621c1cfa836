"""Negatives from the batch: which, masked where, with what chances; mixed, and with a queue."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.data.loaders import FNWindowDataLoader
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.extraction.slots import Injection
from recbole_fn.losses.softmax import softmax_loss
from recbole_fn.negatives import CrossBatchSampler, InBatchSampler, MixedSampler
from recbole_fn.negatives.pool import draw_others
from tests.helpers.runs import pieces
from tests.helpers.sampling import all_rows, context_of, histories
from tests.negatives.reference import Queue, batch_share, corrected_loss

BATCHES = {
    "fn_sampler": "in_batch",
    "fn_neg_exclude": "target",
    "fn_loss": "softmax",
    "fn_logq": 1,
    "fn_neg_num": 30,
    "train_batch_size": 64,
}
GUARDED = {"sampler": "in_batch", "guard": "quantile"}
ITEMS = 9
KNOWN = {1: {1, 4}, 2: {1, 2}, 3: {1, 2, 3, 5}, 4: {2, 6}, 5: {1, 7}}


def source(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.integers(1, 6), st.integers(0, 5), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_each_other_entry_is_drawn_once_and_own_ones_fill_up(rows, more, num):
    pool = torch.arange(100, 100 + rows + more)
    drawn = draw_others(pool, rows, num, source(rows))
    assert drawn.shape == (rows, num)
    for row, items in enumerate(drawn.tolist()):
        others = [item for item in items if item != 100 + row]
        assert len(others) == len(set(others)) == min(num, len(pool) - 1)


def test_each_other_entry_is_equally_likely():
    drawn = torch.cat([draw_others(torch.arange(7), 3, 2, source(s)) for s in range(3000)])
    for row in range(3):
        counts = torch.bincount(drawn[row::3].flatten(), minlength=7)
        assert counts[row] == 0
        assert chisquare(counts[counts > 0].numpy()).pvalue > 1e-4


@given(histories(ITEMS), st.integers(1, 12), st.sampled_from(["history", "target"]))
@settings(max_examples=40, deadline=None)
def test_own_targets_and_excluded_items_are_masked(known, num, exclude):
    context = context_of(known, ITEMS, exclude)
    rows = all_rows(context)
    for sampler in (
        InBatchSampler(context, InBatchSampler.Args()),
        MixedSampler(context, MixedSampler.Args()),
        CrossBatchSampler(context, CrossBatchSampler.Args(warm_up=0)),
    ):
        for _ in range(2):
            negatives = sampler.sample(rows, num, None)
            log_q = sampler.log_q(rows, negatives)
            for row, (user, target) in enumerate(
                zip(rows.users.tolist(), rows.targets.tolist(), strict=True)
            ):
                out = known[user] if exclude == "history" else {target}
                for slot, item in enumerate(negatives.items[row].tolist()):
                    assert bool(negatives.valid[row, slot]) is (item not in out)
                    assert item in out or math.isfinite(log_q[row, slot])


def test_chances_are_those_of_the_formulas():
    context = context_of(KNOWN, ITEMS)
    rows, counts = all_rows(context), context.popularity.tolist()
    samplers = {
        "corrected": InBatchSampler(context, InBatchSampler.Args()),
        "standard": InBatchSampler(context, InBatchSampler.Args(corrected=False)),
        "mixed": MixedSampler(context, MixedSampler.Args(share=0.5)),
    }
    for name, sampler in samplers.items():
        negatives = sampler.sample(rows, 6, None)
        log_q = sampler.log_q(rows, negatives)
        for row, slot in negatives.valid.nonzero().tolist():
            known, item = KNOWN[int(rows.users[row])], int(negatives.items[row, slot])
            share, valid = batch_share(counts, known, item), int(negatives.valid[row].sum())
            expected = {
                "corrected": valid * share,
                "standard": counts[item] / counts[int(rows.targets[row])],
                "mixed": 3 * counts[item] / sum(counts) + 3 / (ITEMS - 1 - len(known)),
            }
            assert log_q[row, slot].exp().item() == pytest.approx(expected[name], rel=1e-5)


def test_the_corrected_gradient_is_that_of_the_authors_loss():
    context = context_of(KNOWN, ITEMS)
    rows, counts = all_rows(context), context.popularity.tolist()
    sampler = InBatchSampler(context, InBatchSampler.Args())
    negatives = sampler.sample(rows, 6, None)
    log_q = torch.cat([torch.zeros(len(rows.rows), 1), sampler.log_q(rows, negatives)], dim=1)
    valid = torch.cat([torch.ones(len(rows.rows), 1).bool(), negatives.valid], dim=1)
    scores = torch.randn(valid.shape, generator=source(), dtype=torch.float64, requires_grad=True)
    labels = torch.zeros_like(scores)
    labels[:, 0] = 1
    ours, _ = softmax_loss(scores - log_q, labels, valid)
    theirs = []
    for row in range(len(rows.rows)):
        kept, known = negatives.valid[row], KNOWN[int(rows.users[row])]
        shares = [batch_share(counts, known, item) for item in negatives.items[row][kept].tolist()]
        theirs.append(corrected_loss(scores[row, 0], scores[row, 1:][kept], shares))
    expected = torch.autograd.grad(torch.stack(theirs).mean(), scores)[0]
    torch.testing.assert_close(torch.autograd.grad(ours, scores)[0], expected, atol=1e-6, rtol=1e-5)


def test_a_share_comes_from_the_batch_and_the_rest_is_uniform():
    context = context_of(KNOWN, 400)
    rows, sampler = all_rows(context, 20), MixedSampler(context, MixedSampler.Args(share=0.25))
    items = torch.cat([sampler.sample(rows, 8, None).items for _ in range(50)])
    targets = set(rows.targets.tolist())
    fraction = sum(item in targets for item in items.flatten().tolist()) / items.numel()
    assert fraction == pytest.approx(0.25 + 0.75 * 7 / 400, abs=0.01)
    uniform = torch.bincount(items.flatten(), minlength=400)[8:]
    assert chisquare(uniform.numpy()).pvalue > 1e-4


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(1, 9), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_the_queue_holds_the_last_targets_and_is_drawn_after_the_warm_up(sizes, size, warm_up):
    context = context_of({1: {1}, 2: {2}}, 60)
    args = CrossBatchSampler.Args(size=size, warm_up=warm_up)
    sampler, expected, first = CrossBatchSampler(context, args), Queue(size), 10
    for step, num_rows in enumerate(sizes):
        rows = all_rows(context, 5).select(torch.arange(num_rows))
        rows.targets[:] = torch.arange(first, first + num_rows)  # new ones in each step
        first += num_rows
        items = sampler.sample(rows, 60, None).items
        again = sampler.sample(rows, 60, None).items  # as `guarded` draws, in the same step
        assert sampler.queue.tolist() == expected.items
        pool = {*rows.targets.tolist(), *(expected.items if step >= warm_up else ())}
        for drawn in (*items.tolist(), *again.tolist()):
            assert set(drawn) == pool
        if step == len(sizes) // 2:  # saved and read
            state, sampler = sampler.state_dict(), CrossBatchSampler(context, args)
            sampler.load_state_dict(state)
        expected.push(rows.targets.tolist())
    assert sampler.state_dict()["queue"].tolist() == expected.items


def test_alone_it_is_warned_of(caplog):
    InBatchSampler(context_of(KNOWN, ITEMS), InBatchSampler.Args())
    assert "fn_sampler: mixed adds them" in caplog.text and len(caplog.messages) == 1


def test_beside_remembered_items_each_draw_counts_as_one_of_fewer():
    """Also a draw as popular as the target, whose log is exactly 0 if it is not corrected."""
    context = context_of(KNOWN, ITEMS, "target")
    rows, num = all_rows(context), 4
    memory = HardNegativeMemory(len(rows.rows), ITEMS, 3)
    remembered = torch.arange(len(rows.rows)) % num  # of each row
    hard = torch.arange(num) < remembered.unsqueeze(1)
    memory.update(rows.rows, torch.full(hard.shape, ITEMS - 1) - torch.arange(num), hard)
    sampler, zeros = InBatchSampler(context, InBatchSampler.Args(corrected=False)), 0
    for _ in range(5):
        negatives = sampler.sample(rows, num, None)
        log_q = sampler.log_q(rows, negatives)
        slots = Injection(memory)(rows.rows, negatives, log_q)
        for row, taken in enumerate(remembered.tolist()):
            for slot in range(num):
                before, after = float(log_q[row, slot]), float(slots.log_q[row, slot])
                expected = 0.0 if slot < taken else before + math.log(1 - taken / num)
                assert after == pytest.approx(expected, abs=1e-6)
                zeros += before == 0 and 0 < taken <= slot
    assert zeros > 5


@pytest.mark.parametrize("batching", ["prefix", "sequence"])
def test_popularity_is_the_chance_of_a_target_in_a_row_s_batch(batching):
    """Of rows with short histories the first items are targets more often than of all rows.

    The expected sum of 1 / q over a visit's draws of an item is 1 where batches are at random.
    """
    run = pieces(**BATCHES, fn_batching=batching)
    loader, step = run.trainer.fn_prepare(run.train_data), run.trainer.fn_step
    assert isinstance(loader, FNWindowDataLoader)
    feat, num_items = run.train_data.dataset.inter_feat, run.dataset.item_num
    sums = torch.zeros(len(feat), num_items, dtype=torch.float64)
    epochs = 120
    for _ in range(epochs):
        for each in loader:
            rows = step.batching.rows(each)
            negatives = step.sampler.sample(rows, 30, None)
            inverse = step.sampler.log_q(rows, negatives).double().neg().exp()
            kept = inverse.where(negatives.valid, inverse.new_zeros(()))
            sums[rows.rows] += torch.zeros_like(sums[rows.rows]).scatter_add_(
                1, negatives.items, kept
            )
    is_short = feat["item_length"] <= 2
    popular = step.sampler.context.popularity >= 8
    means = sums[is_short][:, popular].mean(0) / epochs  # of each popular item
    assert float((means - 1).abs().max()) < 0.25


@pytest.mark.parametrize(
    ("keys", "at_random"),
    [
        ({"fn_sampler": "mixed"}, True),
        ({"fn_sampler": "cross_batch"}, True),
        ({"fn_sampler": "guarded", "fn_sampler_args": GUARDED}, True),
        ({"fn_sampler": "guarded", "fn_sampler_args": {"guard": "quantile"}}, False),
        ({"fn_sampler": "uniform"}, False),
    ],
)
def test_batches_are_at_random_where_they_are_drawn_from(keys, at_random):
    run = pieces(**{**BATCHES, "fn_logq": 0, **keys})
    loader = run.trainer.fn_prepare(run.train_data)
    assert loader.at_random is at_random
    lengths = [each["item_length"] for each in loader]
    spread = sum(float(each.max() - each.min()) for each in lengths) / len(lengths)
    assert (spread > 3) is at_random
