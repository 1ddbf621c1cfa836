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
    """Draws item after item, with chances, labels, observation and a state."""

    def __init__(self, context, args):
        super().__init__(context, args)
        self.calls, self.seen = 0, 0

    def sample(self, rows, num, score):
        self.calls += 1
        items = torch.arange(1, num + 1).expand(len(rows.rows), -1) + (self.calls > 1)
        return Negatives(items, items.log(), items != 3, items / 100)

    def observe(self, rows, negatives, scores):
        self.seen += 1

    def state_dict(self):
        return {"calls": torch.tensor(self.calls)}

    def load_state_dict(self, state):
        self.calls = int(state["calls"])


def test_the_wrapped_samplers_chances_labels_and_state_are_kept():
    context = context_of(KNOWN, ITEMS)
    context.uniform = lambda rows, num: torch.full((len(rows.rows), num), 4)
    sampler = guarded(context, sampler=f"{HERE}:Marked", guard="quantile", tries=1)
    negatives = sampler.sample(all_rows(context), 6, by_id)
    # 5 and 6 are above 4, so the second call's two draws, 2 and 3, come in their place.
    assert negatives.items[0].tolist() == [1, 2, 3, 4, 2, 3]
    assert negatives.valid[0].tolist() == [True, True, False, True, True, False]
    chances = negatives.log_q[0].exp().tolist()
    assert chances == pytest.approx([1, 2, 3, 4, 2 * 3, 3 * 3])  # of 6 draws, three times 2
    assert negatives.labels[0].tolist() == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.02, 0.03])
    assert sampler.observes and int(sampler.state_dict()["calls"]) == 2
    sampler.observe(None, None, None)
    sampler.load_state_dict({"calls": torch.tensor(7)})
    assert (sampler.inner.seen, sampler.inner.calls) == (1, 7)
    assert not guarded(context, guard="quantile").observes


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"sampler": "dsn"}, "fn_sampler_args: sampler is 'dsn'; it must be"),
        (
            {"sampler": "all"},
            "sampler is 'all'; it must be one that draws items and wraps no other",
        ),
        ({"sampler": "guarded"}, "sampler is 'guarded'; it must be one that draws"),
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
