"""What a guard calls false is drawn anew or masked; the rest is the wrapped sampler's."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.negatives import GuardedSampler
from recbole_fn.negatives.base import Negatives, NegativeSampler
from recbole_fn.negatives.pool import PoolChances
from recbole_fn.utils.errors import InputError
from tests.data.test_follower_counts import naive_counts, sequences
from tests.helpers.runs import fit, pieces
from tests.helpers.sampling import all_rows, context_of, histories

HERE = "tests.negatives.test_guarded"
ITEMS = 10
KNOWN = {1: {1, 4}, 2: {1, 2}, 3: {1, 2, 3, 5}}


def by_id(items):
    return items.float()


def guarded(context, **args):
    return GuardedSampler(context, GuardedSampler.Args(**args))


@given(histories(ITEMS), st.integers(1, 12), st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=40, deadline=None)
def test_no_valid_draw_is_above_the_quantile(known, num, tries, quantile):
    context = context_of(known, ITEMS)
    rows, seen = all_rows(context), []

    def score(items):
        seen.append(items)
        return by_id(items)

    sampler = guarded(context, guard="quantile", quantile=quantile, pool=20, tries=tries)
    negatives = sampler.sample(rows, num, score)
    highest = torch.quantile(seen[0].float(), quantile, dim=1, keepdim=True)
    assert torch.equal(negatives.valid, negatives.items <= highest)
    assert len(seen) <= 2 + tries


def test_what_is_drawn_anew_has_the_distribution_of_the_rest():
    context = context_of({1: {1}}, ITEMS)
    rows = all_rows(context, 3000)
    sampler = guarded(context, guard="quantile", quantile=0.5, pool=400, tries=30)
    negatives = sampler.sample(rows, 4, by_id)
    counts = torch.bincount(negatives.items[negatives.valid], minlength=ITEMS)
    assert negatives.valid.all()  # at most 1 in 2^30 has been called false all the time
    low = counts[2:5]
    assert chisquare(low.numpy()).pvalue > 1e-4 and counts[7:].sum() == 0


def test_extracted_items_are_drawn_anew():
    memory = HardNegativeMemory(num_rows=8, num_items=ITEMS, flip_after=1)
    context = context_of(KNOWN, ITEMS)
    context.memory, rows = memory, all_rows(context)
    hard = torch.full((8, 1), 8)
    for _ in range(3):  # remembered in two visits of even rows, so extracted; in one of the others
        visited = rows.rows[::2] if _ else rows.rows
        memory.inject_remembered(visited, hard[: len(visited)])
        memory.update(visited, hard[: len(visited)], torch.ones(len(visited), 1, dtype=torch.bool))
    drawn = guarded(context, guard="memory", tries=20).sample(rows, 60, None)
    assert drawn.valid.all()
    for row, items in enumerate(drawn.items.tolist()):
        assert (8 in items) is (row % 2 == 1)


@pytest.mark.slow
def test_witnessed_items_are_masked():
    run = pieces(
        fn_sampler="guarded",
        fn_sampler_args={"guard": "cooccurrence", "least": 2, "depth": 2, "tries": 0},
    )
    loader = run.trainer.fn_prepare(run.train_data)
    rows = run.trainer.fn_step.batching.rows(next(iter(loader)))
    negatives = run.trainer.fn_step.sampler.sample(rows, 8, None)
    dataset = dataset_of(run.train_data)
    naive, feat = naive_counts(sequences(dataset), 3), dataset.inter_feat
    for place, row in enumerate(rows.rows.tolist()[:15]):
        length, user = int(feat["item_length"][row]), int(rows.users[place])
        last = feat["item_id_list"][row][:length].tolist()[::-1][:2]
        for item, valid in zip(
            negatives.items[place].tolist(), negatives.valid[place], strict=True
        ):
            times = sum(
                count
                for (other, before, follower), count in naive.items()
                if other != user and follower == item
                for end in last
                if end == before
            )
            assert bool(valid) is (times < 2)
    assert 0.01 < (~negatives.valid).float().mean() < 0.6


class Marked(NegativeSampler):
    """Draws item after item, with chances, a label, weights, observation and a state."""

    def __init__(self, context, args):
        super().__init__(context, args)
        self.calls, self.seen = 0, 0

    def sample(self, rows, num, score):
        self.calls += 1
        items = torch.arange(1, num + 1).roll(4 * (self.calls > 1)).expand(len(rows.rows), -1)
        labels, weights = (items == 2) * 0.02, items * 10.0
        return Negatives(items, items.log(), items != 3, labels, weights=weights, fixed=items == 7)

    def observe(self, rows, negatives, scores):
        self.seen += 1

    def state_dict(self):
        return {"calls": torch.tensor(self.calls)}

    def load_state_dict(self, state):
        self.calls = int(state["calls"])


class Few(Marked):
    """Draws anew as many as are needed."""

    redraws = "few"

    def sample(self, rows, num, score):
        self.calls += 1
        items = torch.arange(1, num + 1).expand(len(rows.rows), -1) + (self.calls > 1)
        return Negatives(items, items.log(), items != 3)


def high_above_4(sampler, num):
    """What is drawn where items above 4 are called false, of the first row."""
    context = context_of(KNOWN, ITEMS)
    context.uniform = lambda rows, num: torch.full((len(rows.rows), num), 4)
    sampler = guarded(context, sampler=f"{HERE}:{sampler}", guard="quantile", tries=1)
    return sampler, sampler.sample(all_rows(context), num, by_id)


def test_the_wrapped_samplers_chances_labels_and_state_are_kept():
    sampler, negatives = high_above_4("Marked", 7)
    # 5, 6 and 7 are above 4. 7 is in each visit, so nothing comes in its place. In their slots the
    # second call, 4 5 6 7 1 2 3, has 1 and 2, of which 2 has a label: its one slot is another.
    assert negatives.items[0, :5].tolist() == [1, 2, 3, 4, 1]
    assert negatives.valid[0].tolist() == [True, True, False, True, True, False, False]
    kept = negatives.valid[0]
    assert negatives.log_q[0][kept].exp().tolist() == pytest.approx([1, 2, 4, 1])
    assert negatives.labels[0].tolist() == pytest.approx([0, 0.02, 0, 0, 0, 0, 0])
    assert negatives.weights[0][kept].tolist() == [10, 20, 40, 10]
    assert negatives.fixed[0].tolist() == [False] * 6 + [True]
    assert sampler.observes and int(sampler.state_dict()["calls"]) == 2
    sampler.observe(None, None, None)
    sampler.load_state_dict({"calls": torch.tensor(7)})
    assert (sampler.inner.seen, sampler.inner.calls) == (1, 7)
    assert not guarded(context_of(KNOWN, ITEMS), guard="quantile").observes


def test_independent_draws_are_drawn_alone_with_the_chances_of_all():
    _, negatives = high_above_4("Few", 6)
    # 5 and 6 are above 4, so the second call's two draws, 2 and 3, come in their place.
    assert negatives.items[0].tolist() == [1, 2, 3, 4, 2, 3]
    assert negatives.valid[0].tolist() == [True, True, False, True, True, False]
    chances = negatives.log_q[0].exp().tolist()
    assert chances == pytest.approx([1, 2, 3, 4, 2 * 3, 3 * 3])  # of 6 draws, three times 2


def mixed_up(items):
    """Scores in another order than ids."""
    return (items * 611 % 1000).float()


@pytest.mark.parametrize("length", [3, 30])
def test_an_item_of_a_list_is_in_a_row_once_and_its_chance_stays(length, tmp_path):
    path, num = tmp_path / "own.tsv", 12
    path.write_text("user\titem\nu1\t" + " ".join(f"i{n}" for n in range(6, 6 + length)) + "\n")
    context = context_of({1: {1, 2}, 2: {2}}, 40)
    rows, args = all_rows(context, 100), {"sampler": "listed", "sampler_args": {"file": str(path)}}
    sampler = guarded(context, **args, guard="quantile", quantile=0.5, tries=5)
    plain = sampler.inner.sample(rows, num, None)
    negatives = sampler.sample(rows, num, mixed_up)
    masked, drawn_anew = 0, 0
    for row, user in enumerate(rows.users.tolist()):
        items, valid = negatives.items[row].tolist(), negatives.valid[row].tolist()
        listed = set(range(6, 6 + length)) if user == 1 else set()
        held = [item for item, kept in zip(items, valid, strict=True) if kept and item in listed]
        assert len(held) == len(set(held))
        assert torch.equal(negatives.log_q[row], plain.log_q[row])  # slot by slot
        if user == 1:
            masked += num - sum(valid)
            drawn_anew += len(held)
            assert length > num or set(items[-3:]) == listed  # nothing in their place
    assert masked > 50 and drawn_anew > 100


@pytest.mark.parametrize("sampler", ["in_batch", "cross_batch"])
def test_an_entry_of_the_batch_is_in_a_row_once(sampler):
    context = context_of({1: {1, 2, 3}, 2: set(range(4, 30)), 3: {3, 4, 5}}, 60)
    rows = all_rows(context)
    wrapping = guarded(context, sampler=sampler, guard="quantile", quantile=0.5, tries=2)
    for _ in range(20):
        negatives = wrapping.sample(rows, 10, mixed_up)
        log_q = wrapping.log_q(rows, negatives)
        shares = PoolChances(context).log_share(rows, negatives.items)
        for row, target in enumerate(rows.targets.tolist()):
            entries = rows.targets.tolist()
            entries.remove(target)
            kept = negatives.valid[row]
            for item in negatives.items[row][kept].tolist():
                entries.remove(item)  # fails where it is there once more than in the batch
            expected = shares[row] + torch.log(kept.sum().clamp_min(1))
            torch.testing.assert_close(log_q[row][kept], expected[kept])


def test_what_is_drawn_anew_comes_from_the_batch_as_often():
    context = context_of({1: set(range(1, 9))}, 400, "target")
    rows = all_rows(context, 20)
    args = {"sampler": "mixed", "sampler_args": {"share": 0.25}, "guard": "quantile"}
    sampler = guarded(context, **args, quantile=0.6, pool=400, tries=2)
    shares = []
    for each in (sampler.inner, sampler):
        drawn = [each.sample(rows, 8, mixed_up) for _ in range(40)]
        kept = [each.items[each.valid & (mixed_up(each.items) <= 600)] for each in drawn]
        shares.append(float(torch.isin(torch.cat(kept), rows.targets).float().mean()))
    assert shares[0] > 0.1 and shares[1] == pytest.approx(shares[0], rel=0.05)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"sampler": "dsn"}, "fn_sampler_args: sampler is 'dsn'; it must be"),
        (
            {"sampler": "all"},
            "sampler is 'all'; it must be one that draws items and wraps no other",
        ),
        ({"sampler": "guarded"}, "sampler is 'guarded'; it must be one that draws"),
        ({"sampler": "srns"}, "sampler is 'srns', which a draw changes, .* must be another one"),
        ({"sampler_args": {"alpha": 1}}, "'alpha': 1.* takes none"),
        (
            {"sampler": "popularity", "sampler_args": {"alpha": -1}},
            "fn_sampler_args: sampler_args: alpha is -1; it must be a number of at least 0",
        ),
        ({}, "guard is 'memory', but nothing is extracted"),
    ],
)
def test_bad_arguments_are_named(args, words):
    with pytest.raises(InputError, match=words):
        guarded(context_of(KNOWN, ITEMS), **args)


@pytest.mark.slow
def test_a_run_draws_extracted_items_less():
    keys = {"fn_start": 1, "fn_flip_after": 0, "epochs": 3, "fn_sampler": "guarded"}
    run = pieces(**keys, fn_sampler_args={"sampler": "mixed"})
    fit(run)
    assert run.trainer.fn_state.figures[2]["flipped"] > 0
    off = {"guard": "quantile", "sampler": "in_batch"}
    fit(pieces(**keys, fn_sampler_args=off, fn_strategy="off"))
    with pytest.raises(InputError, match="guard is 'memory', but nothing is extracted"):
        fit(pieces(**keys, fn_strategy="off"))
