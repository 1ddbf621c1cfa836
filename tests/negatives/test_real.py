"""Real negatives in slots equal a naive loop, weigh as much as asked, and never flip."""

from dataclasses import replace

import pytest
import torch

from recbole_fn.data.loaders import dataset_of
from recbole_fn.losses import LOSSES
from recbole_fn.losses.base import LossContext
from recbole_fn.negatives.pool import PoolChances
from recbole_fn.negatives.uniform import UniformSampler
from tests.feedback import reference
from tests.feedback.made_up import built, lines, log_of, write
from tests.helpers.runs import fit

REAL = {"fn_feedback_targets": "negative", "fn_real_negatives": 3}


def sampled(run):
    """The rows of a batch with their negatives, and the step."""
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(next(iter(run.trainer.fn_loader)))
    score = step.scorer.encode(run.model, batch).score
    return batch, step.sampler.sample(batch, 8, lambda items: score(items).detach()), step


def naive(run, rated, most=3):
    """The real negatives of each training row, by the row's target, in tokens."""
    dataset, users = dataset_of(run.train_data), reference.interactions_by_user(log_of(rated))
    rows, found, begin = dataset[:], [], {}
    for place, user in enumerate(dataset.fn_log.users.tolist()):
        begin.setdefault(user, place)
    for user, place in zip(rows["user_id"].tolist(), rows["fn_place"].tolist(), strict=True):
        events = users[dataset.id2token("user_id", user)]
        train = reference.leave_one_out(reference.rows_of_user(events, "all", 99))[0]
        found.append(reference.real_negatives(events, train, place - begin[user], most))
    return found


@pytest.mark.parametrize("inputs", ["positive", "all"])
@pytest.mark.parametrize("sampler", ["uniform", "followers", "guarded"])
def test_slots_hold_the_real_negatives_of_each_row(sampler, inputs, tmp_path):
    rated = lines(20)
    write(tmp_path, rated)
    run = built(tmp_path, fn_feedback_inputs=inputs, fn_sampler=sampler, **REAL)
    batch, negatives, _ = sampled(run)
    expected, dataset = naive(run, rated), dataset_of(run.train_data)
    assert sum(map(len, expected)) > 5
    for row, items, valid in zip(batch.rows, negatives.items, negatives.valid, strict=True):
        tokens = dataset.field2id_token["item_id"][items.numpy()].tolist()
        real = expected[row]
        assert [tokens.count(item) >= 1 for item in real] == [True] * len(real)
        counted = [token for token, ok in zip(tokens, valid, strict=True) if ok and token in real]
        assert sorted(counted) == sorted(real)  # each once
    assert negatives.items.shape == (len(batch.rows), 8)


def test_log_q_of_real_negatives_is_that_of_each_visit(tmp_path):
    rated = lines(21)
    write(tmp_path, rated)
    keys = {"fn_loss": "softmax", "fn_logq": 1.0}
    run = built(tmp_path, **keys, **REAL)
    batch, negatives, step = sampled(run)
    log_q, real = step.sampler.log_q(batch, negatives), naive(run, rated)
    tokens = dataset_of(run.train_data).field2id_token["item_id"]
    for n, row in enumerate(batch.rows):
        free = step.sampler.context.num_free(batch)[n]
        for item, value in zip(tokens[negatives.items[n].numpy()], log_q[n], strict=True):
            expected = 0.0 if item in real[row] else ((8 - len(real[row])) / free).log()
            assert value == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("most", [3, None])
def test_followers_stay_in_each_visit_beside_real_negatives(most, tmp_path):
    write(tmp_path, lines(21, users=60, items=40))
    keys = {"fn_loss": "cross_entropy", "fn_logq": 1.0, "fn_sampler": "followers"}
    args = {"fn_sampler_args": {"items": 3}}
    run = built(tmp_path, **keys, **args, **{**REAL, "fn_real_negatives": most})
    batch, negatives, step = sampled(run)
    log_q, num_free = step.sampler.log_q(batch, negatives), step.sampler.context.num_free(batch)
    real = step.sampler.real.of_rows(batch.rows, most or 8)
    is_real = (negatives.items.unsqueeze(2) == real.unsqueeze(1)).any(2)  # [rows, 8]
    seen = 0
    for n, free in enumerate(num_free):
        followers = negatives.log_q[n] == 0  # also one that the user disliked later, label 0
        assert followers[negatives.labels[n] > 0].all()
        taken = int((is_real[n] & negatives.valid[n]).sum())
        draws = 8 - int(followers.sum()) - taken
        drawn = ~followers & ~is_real[n]
        seen += int(followers.any() and taken > 0 and drawn.any())
        assert (log_q[n][followers | is_real[n]] == 0).all()
        torch.testing.assert_close(log_q[n][drawn].exp(), (draws / free).expand(int(drawn.sum())))
    assert seen > 5
    fit(run)  # no infinite logs, no NaN


def test_draws_from_the_batch_are_counted_without_real_negatives(tmp_path):
    write(tmp_path, lines(21, items=40))
    keys = {"fn_loss": "softmax", "fn_logq": 1.0, "fn_sampler": "in_batch"}
    batch, negatives, step = sampled(built(tmp_path, **keys, **REAL))
    real = step.sampler.real.of_rows(batch.rows, 3)
    drawn = ~(negatives.items.unsqueeze(2) == real.unsqueeze(1)).any(2) & negatives.valid
    log_q = step.sampler.log_q(batch, negatives)
    share = PoolChances(step.sampler.context).log_share(batch, negatives.items)
    counts = (log_q - share).exp()
    expected = drawn.sum(1, keepdim=True).float().expand_as(counts)
    assert (real > 0).any() and drawn.any()
    torch.testing.assert_close(counts[drawn], expected[drawn])


def test_real_negatives_take_the_slots_of_draws_before_those_of_listed_items(tmp_path):
    write(tmp_path, lines(21, items=40))
    text = "".join(f"u{user}\ti30 i31 i32\n" for user in range(12))
    (tmp_path / "listed.tsv").write_text("user_id:token\titem_id:token\n" + text)
    keys = {"fn_sampler": "listed", "fn_sampler_args": {"file": str(tmp_path / "listed.tsv")}}
    run = built(tmp_path, **keys, **REAL)
    batch, negatives, step = sampled(run)
    ours = step.sampler.inner.sample(batch, 8, None)
    is_listed = ours.log_q == 0  # [rows, 8]
    listed = [{*row[mask].tolist()} for row, mask in zip(ours.items, is_listed, strict=True)]
    assert sum(map(len, listed)) > 20
    for row, items in zip(negatives.items.tolist(), listed, strict=True):
        assert items <= {*row}


@pytest.mark.slow
def test_no_label_above_zero_for_any_real_negative(tmp_path):
    write(tmp_path, lines(22))
    run = built(tmp_path, fn_sampler="followers", **REAL)
    batch, negatives, step = sampled(run)
    known = ~step.sampler.may_be_positive(batch, negatives.items)
    assert known.any() and negatives.labels.max() > 0
    assert negatives.labels[known].max() == 0


class Wary(UniformSampler):
    """Draws uniformly, and knows that odd items are negative."""

    def may_be_positive(self, rows, items):
        return items % 2 == 0


@pytest.mark.parametrize("guarded", [False, True])
def test_what_the_inner_sampler_knows_to_be_negative_stays_so(guarded, tmp_path):
    write(tmp_path, lines(22))
    keys = {"fn_sampler": "tests.negatives.test_real:Wary"}
    if guarded:
        inner = {"sampler": keys["fn_sampler"], "guard": "quantile"}
        keys = {"fn_sampler": "guarded", "fn_sampler_args": inner}
    batch, negatives, step = sampled(built(tmp_path, **keys, **REAL))
    allowed = step.sampler.may_be_positive(batch, negatives.items)
    assert allowed.any() and not allowed[negatives.items % 2 == 1].any()


def remembered(run):
    """Pairs of a row and an item that are remembered after training."""
    step, rows = run.trainer.fn_step, torch.arange(len(dataset_of(run.train_data)))
    owner, items, _ = step.memory.entries(rows)
    return set(zip(owner.tolist(), items.tolist(), strict=True))


@pytest.mark.parametrize("strategy", ["flip", "drop"])
def test_extraction_never_remembers_a_real_negative(strategy, tmp_path):
    write(tmp_path, lines(23))
    found = {}
    for targets in ("exclude", "negative"):
        keys = {"fn_start": 0, "fn_flip_after": 0, "fn_strategy": strategy, "epochs": 3}
        run = built(tmp_path, **{**REAL, **keys, "fn_feedback_targets": targets})
        fit(run)
        dataset = dataset_of(run.train_data)
        real = dataset.fn_real_negatives()
        known = set(zip(real.users.tolist(), real.items.tolist(), strict=True))
        users = dataset.inter_feat["user_id"].tolist()
        found[targets] = {(users[row], item) for row, item in remembered(run)} & known
    assert found["exclude"] and not found["negative"]


NAMED = [loss for loss in LOSSES if loss.name != "model"]


@pytest.mark.parametrize("loss_class", NAMED, ids=lambda loss: loss.name)
def test_a_weight_counts_a_candidate_several_times(loss_class):
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(4, 5, generator=generator)
    labels = torch.tensor([1.0, 0, 0, 0, 0]).repeat(4, 1)
    loss = loss_class(LossContext(None, 9, 5, "label"), loss_class.Args())
    weights = torch.tensor([1.0, 1, 3, 0, 1]).repeat(4, 1)
    repeated = torch.tensor([0, 1, 2, 2, 2, 4])
    ours, _ = loss.weighted_mean(logits, labels, weights)
    naive, _ = loss.weighted_mean(logits[:, repeated], labels[:, repeated], None)
    assert torch.allclose(ours, naive, atol=1e-5)


def test_a_weight_of_one_changes_nothing_and_others_do(tmp_path):
    write(tmp_path, lines(24))
    losses = {}
    for weight in (None, 1.0, 4.0):
        run = built(tmp_path, fn_real_negative_weight=weight, fn_start=9, **REAL)
        fit(run)
        losses[weight] = list(run.trainer.train_loss_dict.values())
    assert losses[None] == losses[1.0] != losses[4.0]


class Heavy(UniformSampler):
    """Uniform draws that count three times."""

    def sample(self, rows, num, score):
        drawn = super().sample(rows, num, score)
        return replace(drawn, weights=torch.full(drawn.items.shape, 3.0))


@pytest.mark.parametrize("weight", [1.0, 4.0])
def test_draws_keep_the_weights_of_their_sampler(weight, tmp_path):
    write(tmp_path, lines(20))
    keys = {"fn_sampler": "tests.negatives.test_real:Heavy", "fn_real_negative_weight": weight}
    _, negatives, _ = sampled(built(tmp_path, **keys, **REAL))
    is_real = negatives.fixed & negatives.valid
    assert 0 < int(is_real.sum()) < is_real.numel()
    expected = torch.where(is_real, weight, 3.0)
    assert torch.equal(negatives.weights[negatives.valid], expected[negatives.valid])


def test_listed_items_in_the_place_of_real_negatives_have_their_chance(tmp_path):
    """Real negatives take slots of a list that fills all of them, at random."""
    write(tmp_path, lines(20))
    path = tmp_path / "own.tsv"
    listed = " ".join(f"i{n}" for n in range(8))
    path.write_text("user_id\titem_id\n" + "".join(f"u{n}\t{listed}\n" for n in range(20)))
    keys = {"fn_sampler": "listed", "fn_sampler_args": {"file": str(path)}, "fn_logq": 1.0}
    run = built(tmp_path, **keys, fn_loss="softmax", fn_neg_exclude="target", **REAL)
    batch, negatives, step = sampled(run)
    log_q, seen = step.sampler.log_q(batch, negatives), 0
    for row in range(len(batch.rows)):
        if not negatives.shuffled[row].any():
            continue
        num_real = int((negatives.fixed & ~negatives.shuffled)[row].sum())
        chances = log_q[row][negatives.shuffled[row] & negatives.valid[row]].exp()
        assert chances.tolist() == pytest.approx([1 - num_real / 8] * len(chances))
        seen += num_real
    assert seen > 3
