"""Samplers that choose by score, against naive loops, and in runs with models of every kind."""

import itertools
import math
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.extraction.slots import Slots
from recbole_fn.negatives import SAMPLERS
from recbole_fn.negatives.bns import share_at_most
from recbole_fn.negatives.distance import log_inverse_density
from recbole_fn.negatives.pool_sampler import draw_by_weight
from recbole_fn.scoring.mixture import DimensionMixture, TargetShare
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError
from tests.checkpoint.test_kills import assert_same
from tests.checkpoint.test_last import ended, stopped_file
from tests.distributed.test_training import assert_equal
from tests.helpers.groups import in_group, train
from tests.helpers.runs import NO_DROPOUT, fit, pieces

BY_NAME = {sampler.name: sampler for sampler in SAMPLERS}
OF_SCORES = ["dns", "semi_hard", "ahns", "simans", "bns", "srns"]
OF_VECTORS = ["distance", "mixup", "dins"]
POPULARITY = [0, 5, 0, 1, 9, 2, 2, 30, 1]
ITEMS = len(POPULARITY)


def sampler_of(name, drawn, seed=0, dimension=None, **args):
    """A sampler whose every pool is `drawn`, [rows, items]."""
    source = torch.Generator().manual_seed(seed)
    context = SimpleNamespace(
        uniform=lambda rows, num: drawn,
        generator=lambda device: source,
        popularity=torch.tensor(POPULARITY),
        dimension=dimension,
    )
    return BY_NAME[name](context, BY_NAME[name].Args(**args))


def chosen(name, pool, scores, num, targets=None, **args):
    """What a sampler chooses from a pool, where `scores` [items] are the scores of all items."""
    pool, scores = torch.tensor(pool), torch.tensor(scores)
    targets = torch.zeros(len(pool), dtype=torch.int64) if targets is None else targets
    sampler = sampler_of(name, pool, pool=1, **args)
    rows = SimpleNamespace(targets=targets)
    return sampler.sample(rows, num, lambda items: scores[items])


@st.composite
def pools(draw):
    """A pool [rows][pool], scores [items] with ties and equal scores, and how many to choose."""
    rows, size = draw(st.integers(1, 3)), draw(st.integers(1, 20))
    pool = draw(
        st.lists(
            st.lists(st.integers(1, ITEMS - 1), min_size=size, max_size=size),
            min_size=rows,
            max_size=rows,
        )
    )
    score = st.sampled_from([-40.0, -2.0, -0.1, 0.0, 0.05, 0.5, 3.0])
    scores = draw(st.lists(score, min_size=ITEMS, max_size=ITEMS))
    return pool, scores, draw(st.integers(1, size))


def assert_smallest(negatives, pool, cost, num):
    """In each row the chosen ones are `num` entries of the pool with the smallest costs."""
    for row, items in zip(pool, negatives.items.tolist(), strict=True):
        expected = sorted(cost(item, row) for item in row)[:num]
        assert sorted(cost(item, row) for item in items) == pytest.approx(expected, rel=1e-4)
        assert all(items.count(item) <= row.count(item) for item in items)


@given(pools())
@settings(max_examples=40, deadline=None)
def test_dns_and_mixup_take_the_hardest(drawn):
    pool, scores, num = drawn
    assert_smallest(chosen("dns", pool, scores, num), pool, lambda n, row: -scores[n], num)
    mixed = chosen("mixup", pool, scores, num, most=0.5)
    assert_smallest(mixed, pool, lambda n, row: -scores[n], num)
    share = mixed.mixture.share
    assert float(share.min()) >= 0 and float(share.max()) <= 0.5
    dins = chosen("dins", pool, scores, num)
    assert_smallest(dins, pool, lambda n, row: -scores[n], num)
    assert not dins.mixture.plain.any()


@given(pools())
@settings(max_examples=40, deadline=None)
def test_ahns_takes_the_nearest_to_the_hardness_of_its_target(drawn):
    pool, scores, num = drawn
    wanted = 0.1 / max(scores[0] + 1, 1e-3)  # p = -2
    negatives = chosen("ahns", pool, scores, num)
    assert_smallest(negatives, pool, lambda n, row: abs(scores[n] - wanted), num)


@given(pools())
@settings(max_examples=40, deadline=None)
def test_semi_hard_fills_up_below_the_margin_and_then_above_the_target(drawn):
    pool, scores, num = drawn

    def rank(item, row):
        below = scores[0] - scores[item]
        if below <= 0:
            return 2e3 - below
        return 0 if below < 0.2 else 1e3 + below

    assert_smallest(chosen("semi_hard", pool, scores, num), pool, rank, num)


@given(pools())
@settings(max_examples=40, deadline=None)
def test_bns_takes_the_least_risk(drawn):
    pool, scores, num = drawn
    total = sum(POPULARITY)

    def risk(item, row):
        low, high = (bound(scores[n] for n in row) for bound in (min, max))
        width = (high - low) / 256 or 1
        cells = [min(int((scores[n] - low) / width), 255) for n in (item, *row)]
        share = sum(cell <= cells[0] for cell in cells[1:]) / (len(row) + 1)
        prior = POPULARITY[item] / total
        unbias = (1 - share) * (1 - prior) / (1 - share - prior + 2 * share * prior)
        info = 1 / (1 + math.exp(scores[0] - scores[item]))
        return info * (1 - 6 * unbias)

    assert_smallest(chosen("bns", pool, scores, num), pool, risk, num)


@given(st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_the_distribution_function_errs_by_a_cell_at_most(scores):
    row = torch.tensor([scores])
    width = float(row.max() - row.min()) / 256 * 1.01
    for score, share in zip(scores, share_at_most(row, 256)[0].tolist(), strict=True):
        exact = sum(other <= score for other in scores)
        near = sum(score < other <= score + width for other in scores)
        assert exact - 1e-4 <= share * (len(scores) + 1) <= exact + near + 1e-4


def pairs_drawn(draws):
    """How often each ordered choice of two columns comes up in draws [rows, 2]."""
    counts = dict.fromkeys(itertools.combinations(range(4), 2), 0)
    for pair in draws.sort(1).values.tolist():
        counts[tuple(pair)] += 1
    return counts


def pair_chances(weights):
    """The probability of each pair when two are drawn one after another without replacement."""
    total = sum(weights)
    return {
        (a, b): sum(
            weights[i] / total * weights[j] / (total - weights[i]) for i, j in ((a, b), (b, a))
        )
        for a, b in itertools.combinations(range(4), 2)
    }


def assert_drawn_by(draws, weights):
    counts, chances = pairs_drawn(draws), pair_chances(weights)
    expected = [chances[pair] * len(draws) for pair in counts]
    assert chisquare(list(counts.values()), expected).pvalue > 1e-4


def test_draws_by_weight_are_draws_without_replacement():
    weights = torch.tensor([0.1, 0.2, 0.3, 0.4])
    draws = draw_by_weight(weights.log().expand(20_000, 4), 2, torch.Generator().manual_seed(1))
    assert_drawn_by(draws, weights.tolist())


@pytest.mark.parametrize("b", [0.0, 1.0])
def test_simans_draws_around_the_target_and_a_positive_b_above_it(b):
    scores = [0.5, -0.5, 0.0, 1.0, 2.0]  # of the target, and of items 1 to 4
    pool = [[1, 2, 3, 4]] * 20_000
    items = chosen("simans", pool, scores, 2, b=b).items
    assert_drawn_by(items - 1, [math.exp(-0.5 * (s - 0.5 - b) ** 2) for s in scores[1:]])


def test_distance_draws_by_the_inverse_density_within_the_cutoffs():
    class Score:
        cosine = torch.tensor([0.0, 0.95, 0.5, 0.2, 0.05])  # of items 1 to 4

        def __call__(self, items):
            return self.cosine[items]

        cosines = __call__

    pool = torch.tensor([[1, 2, 3, 4]]).expand(20_000, -1)
    sampler = sampler_of("distance", pool, pool=4, dimension=6)
    items = sampler.sample(SimpleNamespace(targets=pool[:, 0]), 2, Score()).items
    weights = []
    for cosine in Score.cosine[1:].tolist():
        distance = max(math.sqrt(2 - 2 * cosine), 0.5)
        weights.append(1 / (distance**4 * (1 - distance**2 / 4) ** 1.5))
    assert_drawn_by(items - 1, weights)


def test_items_beyond_the_farthest_fill_up_the_nearest_first():
    log_weights = log_inverse_density(torch.tensor([[-1.0, 0.5, -0.2, -0.9]]), 6, 0.5, 1.4)
    order = log_weights.argsort(descending=True)[0].tolist()
    assert order == [1, 2, 3, 0] and torch.isfinite(log_weights).all()


def test_top_draws_uniformly_from_the_hardest():
    pool, scores = [[1, 2, 3, 4, 5]] * 5000, [0.0, 1.0, 5.0, 4.0, 3.0, 2.0]
    items = chosen("dns", pool, scores, 2, top=None).items
    assert set(items.flatten().tolist()) == {2, 3}
    sampler = sampler_of("dns", torch.tensor(pool), pool=5, top=3)
    rows, table = SimpleNamespace(targets=torch.zeros(5000, dtype=torch.int64)), scores
    items = sampler.sample(rows, 4, lambda ids: torch.tensor(table)[ids]).items
    counts = torch.bincount(items.flatten(), minlength=6)
    assert counts[[0, 1, 5]].sum() == 0
    assert chisquare(counts[2:5].numpy()).pvalue > 1e-4


BAD = {
    "whose chances to draw an item are not known; fn_logq must be 0": {
        "fn_sampler": "dns", "fn_logq": 0.5, "fn_loss": "softmax"
    },
    "top is 9; it must be at most pool": {
        "fn_sampler": "dns", "fn_sampler_args": {"top": 9, "pool": 8}
    },
    "fn_loss is 'model', which takes items": {"fn_sampler": "mixup", "fn_loss": "model"},
    "mixes dimensions of vectors, and a prior has none; fn_prior must be null": {
        "fn_sampler": "dins", "fn_prior": "followers"
    },
    "nearest is 3; it must be a number above 0 and below 2": {
        "fn_sampler": "distance", "fn_sampler_args": {"nearest": 3}
    },
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_bad_keys_stop_with_one_line(message):
    with pytest.raises(InputError, match=message):
        Parts.of(BAD[message])


SMALL_POOL = {name: {"pool": 32} for name in [*OF_SCORES, *OF_VECTORS]}
SMALL_POOL["srns"] = {"size": 16, "fresh": 16}


def keys_of(name, **keys):
    return {
        **NO_DROPOUT, "fn_sampler": name, "fn_sampler_args": SMALL_POOL[name], "fn_start": 1,
        "fn_flip_after": 0, "epochs": 3, **keys,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("batching", ["prefix", "sequence"])
@pytest.mark.parametrize("name", [*OF_SCORES, *OF_VECTORS])
def test_a_step_scores_one_pool_from_the_encoding_it_has(name, batching, monkeypatch):
    run = pieces(**keys_of(name, fn_batching=batching))
    loader = run.trainer.fn_prepare(run.train_data)
    step, calls = run.trainer.fn_step, []
    encode = step.scorer.encode

    def counted(model, batch):
        encoded = encode(model, batch)
        score = type(encoded).score
        monkeypatch.setattr(
            type(encoded), "score", lambda self, items: calls.append(items) or score(self, items)
        )
        calls.append("encoding")
        return encoded

    monkeypatch.setattr(step.scorer, "encode", counted)
    batch = next(iter(loader))
    step.loss(batch)
    assert calls[0] == "encoding" and "encoding" not in calls[1:]
    columns = [items.shape[1] for items in calls[1:]]
    assert columns == ([9] if name == "distance" else [33, 9])  # distance takes cosines
    rows = step.batching.rows(batch)
    known = run.trainer.fn_sampler.histories
    if name in OF_SCORES:
        negatives = step.sampler.sample(rows, 8, lambda items: items.float())
        assert not len(known.known(rows.users, negatives.items.int()))


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_VECTORS)
def test_samplers_of_vectors_refuse_other_models(name):
    run = pieces("DIN", **keys_of(name))
    with pytest.raises(InputError, match=f"fn_sampler is '{name}', which needs vectors"):
        run.trainer.fn_prepare(run.train_data)


def mixed_vectors(target, item, state, share, alpha):
    """One negative's vector, dimension by dimension; with a share, the same in all dimensions."""
    mixed = []
    for p, h, u in zip(target, item, state, strict=True):
        of_item = (u * h).exp() / ((u * h).exp() + alpha * (u * p).exp())
        of_target = 1 - of_item if share is None else share
        mixed.append(of_target * p + (1 - of_target) * h)
    return torch.stack(mixed)


@pytest.mark.parametrize("name", ["mixup", "dins"])
def test_a_mixture_scores_as_the_mixture_of_vectors(name):
    run = pieces(**keys_of(name, fn_batching="prefix", fn_temperature=0.5))
    run.trainer.fn_prepare(run.train_data)
    step = run.trainer.fn_step
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(5)))
    encoded = step.scorer.encode(run.model, batch)
    items, plain = torch.randint(1, 30, (5, 4)), torch.rand(5, 4) < 0.3
    share = torch.rand(5, 4)
    mixture = TargetShare(share) if name == "mixup" else DimensionMixture(3.0, plain & False)
    slots = Slots(items, plain & False, mixture=mixture.without(plain))
    scored = step.candidates.scored(batch, encoded, slots)
    table, states = run.model.item_embedding.weight, encoded.encoded.states
    expected = torch.zeros(5, 4)
    for row, column in itertools.product(range(5), range(4)):
        state, item = states[row] / 0.5, table[items[row, column]]
        if not plain[row, column]:
            one = share[row, column] if name == "mixup" else None
            item = mixed_vectors(table[batch.targets[row]], item, state, one, alpha=3.0)
        expected[row, column] = (state * item).sum()
    torch.testing.assert_close(scored.logits[:, 1:], expected)
    gradient, reference = (
        torch.autograd.grad(loss.square().sum(), table, retain_graph=True)[0]
        for loss in (scored.logits[:, 1:], expected)
    )
    torch.testing.assert_close(gradient, reference)
    _, hard = step.candidates.hard(scored)  # by the items' own scores
    own = encoded.score(torch.cat([batch.targets.unsqueeze(1), items], dim=1))
    assert torch.equal(hard, own[:, 1:] > own[:, :1])


@pytest.mark.parametrize("name", ["mixup", "dins"])
@pytest.mark.parametrize("most", [2, 12])
def test_the_items_of_mixtures_that_score_highest_by_themselves_are_remembered(name, most):
    keys = {"fn_batching": "prefix", "fn_neg_num": 12, "fn_memory_slots": most}
    run = pieces(**keys_of(name, **keys))
    run.trainer.fn_prepare(run.train_data)
    torch.nn.init.normal_(run.model.item_embedding.weight, std=0.5)
    step = run.trainer.fn_step
    batch = step.batching.rows(run.train_data.collate_fn(torch.arange(30)))
    encoded = step.scorer.encode(run.model, batch)
    items, plain = torch.rand(30, 50).argsort(1)[:, :12] + 1, torch.zeros(30, 12).bool()
    mixture = TargetShare(torch.rand(30, 12)) if name == "mixup" else DimensionMixture(3.0, plain)
    scored = step.candidates.scored(batch, encoded, Slots(items, plain, mixture=mixture))
    _, kept = step.candidates.hard(scored)
    own = encoded.score(torch.cat([batch.targets.unsqueeze(1), items], dim=1)).tolist()
    many = 0
    for row, (target, *scores) in enumerate(own):
        hard = sorted((score for score in scores if score > target), reverse=True)
        many += len(hard) > 2
        found = [score for score, keeps in zip(scores, kept[row], strict=True) if keeps]
        assert sorted(found, reverse=True) == hard[:most]
    assert many > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OF_SCORES, *OF_VECTORS])
def test_a_run_resumes_to_the_last_bit(name):
    keys = keys_of(name)
    expected = ended(pieces(**keys, checkpoint_dir="whole"))
    path = stopped_file(**keys, checkpoint_dir="rest")
    rest = pieces(**keys, checkpoint_dir="rest")
    rest.trainer.resume_checkpoint(path)
    assert_same(ended(rest), expected)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["NPE", "DIN"])  # full sort, predict
@pytest.mark.parametrize("name", OF_SCORES)
def test_models_of_every_kind_train_on_scores(name, model):
    # DIN encodes the row once more for each pair, so its lists are short.
    short = {"MAX_ITEM_LIST_LENGTH": 4} if model == "DIN" else {}
    run = pieces(model, **keys_of(name, epochs=2, **short))
    fit(run)
    assert all(0 < loss < 1e3 for loss in run.trainer.train_loss_dict.values())


def train_all(group):
    return {name: train(group, **keys_of(name)) for name in [*OF_SCORES, *OF_VECTORS]}


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one():
    alone, together = train_all({}), in_group(2, train_all)
    for name, numbers in alone.items():
        assert_equal(numbers, together[name])
        assert together[name]["sampler"] == numbers["sampler"]
