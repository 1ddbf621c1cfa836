"""The sampler of followers: which items, with what labels and chances, and that it trains."""

import pytest
import torch
import torch.nn.functional as F

from recbole_fn.data.follower_counts import FollowerCounts, last_items
from recbole_fn.data.loaders import dataset_of
from recbole_fn.losses.cross_entropy import cross_entropy_loss
from recbole_fn.losses.softmax import softmax_loss
from tests.checkpoint.test_kills import assert_same
from tests.checkpoint.test_last import ended, stopped_file
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, fit, pieces

KEYS = {
    **NO_DROPOUT,
    "fn_sampler": "followers",
    "fn_sampler_args": {"items": 5, "share": 0.25},
    "fn_loss": "cross_entropy",
    "fn_logq": 1,
    "fn_neg_num": 12,
}


def sampled(**keys):
    run = pieces(**{**KEYS, "fn_batching": "prefix", **keys})
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(40)))
    return run, batch, step.sampler.sample(batch, step.settings.num_slots, None)


def test_the_last_slots_hold_the_most_frequent_followers():
    run, batch, negatives = sampled()
    dataset = dataset_of(run.train_data)
    counts = FollowerCounts.of(dataset, 3).after(last_items(dataset, 5)[:40], batch.users, 0.5)
    histories = run.trainer.fn_sampler.histories
    for row in range(40):
        _, had = histories.items_of(batch.users[row : row + 1])
        counts[row, had] = 0
        top = sorted(counts[row][counts[row] > 0].tolist(), reverse=True)[:5]
        followers = negatives.labels[row] > 0
        assert not followers[:7].any() and int(followers.sum()) == len(top)
        items = negatives.items[row][followers]
        assert counts[row, items].tolist() == pytest.approx(top)
        expected = [0.25 / 0.75 * count / sum(top) for count in top]
        assert negatives.labels[row][followers].tolist() == pytest.approx(expected)
        # Of the whole label mass, the followers have a.
        mass = negatives.labels[row].sum() / (1 + negatives.labels[row].sum())
        assert float(mass) == pytest.approx(0.25 if top else 0)


@pytest.mark.slow
def test_an_item_has_one_label_in_a_row_and_its_own_chance():
    run, batch, negatives = sampled()
    free = run.trainer.fn_step.sampler.context.num_free(batch)
    repeats = 0
    for row in range(40):
        is_follower = negatives.labels[row] > 0
        followers = set(negatives.items[row][is_follower].tolist())
        drawn = 12 - len(followers)
        for slot in range(12):
            if is_follower[slot]:
                assert negatives.valid[row, slot] and negatives.log_q[row, slot] == 0
                continue
            is_repeat = int(negatives.items[row, slot]) in followers
            repeats += is_repeat
            assert bool(negatives.valid[row, slot]) is not is_repeat
            assert negatives.log_q[row, slot].exp() == pytest.approx(
                drawn / float(free[row]), rel=1e-5
            )
    assert repeats > 3


@pytest.mark.parametrize("num", [2, 4, 5, 12])
def test_followers_have_their_share_however_few_slots_there_are(num):
    whole = sampled()[2].labels[:, -5:]  # the highest first
    for labels, of_all in zip(sampled(fn_neg_num=num)[2].labels, whole, strict=True):
        top = of_all[:num] / of_all[:num].sum().clamp_min(1e-9)
        expected = 0.25 / 0.75 * top
        assert labels[-len(top) :].tolist() == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize("guard", ["quantile", "cooccurrence"])
def test_a_guard_puts_no_follower_into_a_second_slot(guard):
    plain = sampled()[2]
    args = {"sampler": "followers", "sampler_args": KEYS["fn_sampler_args"], "guard": guard}
    args |= {"quantile": 0.6, "depth": 3, "tries": 3}
    guarded = {"fn_sampler": "guarded", "fn_sampler_args": args}
    run = pieces(**{**KEYS, "fn_batching": "prefix", **guarded})
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(40)))
    score = step.scorer.encode(run.model, batch).score
    negatives = step.sampler.sample(batch, 12, score)
    assert torch.equal(negatives.labels, plain.labels) and (negatives.items != plain.items).any()
    assert torch.equal(negatives.log_q, plain.log_q)  # slot by slot: equal for all draws of a row
    masked = 0
    for row in range(40):
        is_follower = plain.labels[row] > 0
        followers = plain.items[row][is_follower].tolist()
        assert negatives.items[row][is_follower].tolist() == followers
        kept = negatives.items[row][negatives.valid[row]].tolist()
        assert all(kept.count(item) <= 1 for item in followers)
        masked += int((is_follower & ~negatives.valid[row]).sum())
    assert masked > 3


@pytest.mark.slow
@pytest.mark.parametrize("args", [{"items": 50}, {"items": 1}, {"share": 0.0}])
def test_more_followers_than_slots_one_or_no_share(args):
    run, _, negatives = sampled(fn_sampler_args=args)
    assert negatives.items.shape == (40, 12) and (negatives.items > 0).all()
    fit(run)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["SASRec", "NARM", "FPMC"])
@pytest.mark.parametrize("strategy", ["average", "flip"])
def test_it_trains(model, strategy):
    run = pieces(model, **KEYS, fn_strategy=strategy, fn_start=1, fn_flip_after=0, epochs=4)
    fit(run)
    losses = list(run.trainer.train_loss_dict.values())
    assert losses[3] < losses[0]
    if strategy == "flip":
        assert run.trainer.fn_state.figures[3]["flipped"] > 0


@pytest.mark.slow
def test_it_resumes_and_two_processes_give_what_one_gives():
    keys = {**KEYS, "fn_start": 1, "fn_flip_after": 0}
    expected = ended(pieces(**keys, checkpoint_dir="whole"))
    path = stopped_file(**keys, checkpoint_dir="rest")
    rest = pieces(**keys, checkpoint_dir="rest")
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest), expected)
    assert_equal(alone({}), in_group(2, alone))


def alone(group):
    return train(group, **{**KEYS, "fn_start": 1, "fn_flip_after": 0})


def test_the_cross_entropy_is_that_to_a_distribution():
    torch.manual_seed(3)
    logits, labels = torch.randn(6, 5, requires_grad=True), torch.rand(6, 5)
    labels[:, 0] = 1
    loss, weight = cross_entropy_loss(logits, labels)
    expected = F.cross_entropy(logits, labels / labels.sum(1, keepdim=True))
    torch.testing.assert_close(loss, expected)
    assert weight == 6
    valid = torch.rand(6, 5) < 0.6
    valid[:, 0] = True
    masked, _ = cross_entropy_loss(logits, labels, valid)
    rows = [
        F.cross_entropy(row[keep][None], (y[keep] / y[keep].sum())[None])
        for row, y, keep in zip(logits, labels, valid, strict=False)
    ]
    torch.testing.assert_close(masked, torch.stack(rows).mean())
    masked.backward()
    assert torch.isfinite(logits.grad).all() and (logits.grad[~valid] == 0).all()
    only = torch.zeros(6, 5)
    only[:, 2] = 1
    torch.testing.assert_close(
        cross_entropy_loss(logits.detach(), only)[0], softmax_loss(logits.detach(), only)[0]
    )
