"""Draws by popularity: their distribution, their exact chances, and what they leave out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recbole_fn.negatives import PopularitySampler
from recbole_fn.negatives.alias import AliasTable
from recbole_fn.negatives.weighted import whole_weights
from recbole_fn.utils.errors import InputError
from tests.helpers.sampling import all_rows, context_of, histories
from tests.negatives.reference import popularity_shares

ITEMS = 8
KNOWN = {1: {1}, 2: {1, 2}, 3: {1, 2, 3}, 4: {1, 2, 3, 4, 5, 6}, 5: {1, 2, 3, 4}}


def left_out(context, row, known):
    user, target = (int(context.dataset.inter_feat[field][row]) for field in ("user", "item"))
    return known[user] if context.excluded_histories is not None else {target}


@pytest.mark.parametrize("exclude", ["history", "target"])
@pytest.mark.parametrize("alpha", [0.75, 0.0])
@pytest.mark.parametrize("times", [1, 4000])  # few are looked up, many drawn again
def test_draws_and_chances_are_those_of_the_formula(exclude, alpha, times):
    context = context_of(KNOWN, ITEMS, exclude)
    sampler = PopularitySampler(context, PopularitySampler.Args(alpha))
    rows, counts = all_rows(context), context.popularity.tolist()
    num = 4000 // times
    repeated = all_rows(context, times)
    negatives = sampler.sample(repeated, max(num, 2), None)
    log_q = sampler.log_q(repeated, negatives)
    for row in range(len(rows.rows)):
        expected = popularity_shares(counts, left_out(context, row, KNOWN), alpha)
        drawn = negatives.items[row :: len(rows.rows)].flatten()
        found = torch.bincount(drawn, minlength=ITEMS)
        assert int(found.sum()) == sum(int(found[item]) for item in expected)
        if len(expected) > 1:
            wanted = [len(drawn) * share for share in expected.values()]
            assert chisquare([int(found[item]) for item in expected], wanted).pvalue > 1e-4
        for slot in range(3 if num > 3 else 1):
            share = expected[int(negatives.items[row, slot])]
            chance = negatives.items.shape[1] * share
            assert log_q[row, slot].exp().item() == pytest.approx(chance, rel=1e-5)


@given(histories(ITEMS), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_one_item_left_or_many_draws(known, num):
    context = context_of(known, ITEMS)
    sampler = PopularitySampler(context, PopularitySampler.Args())
    rows = all_rows(context)
    negatives = sampler.sample(rows, num, None)
    for user, items in zip(rows.users.tolist(), negatives.items.tolist(), strict=True):
        assert not known[user] & set(items) and min(items) > 0
    assert torch.isfinite(sampler.log_q(rows, negatives)).all()


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.sampled_from([1, 4, 1 << 20]))
@settings(max_examples=100, deadline=None)
def test_an_alias_table_holds_each_weight_exactly(shares, capacity):
    shares[1] += 1
    weights = whole_weights(torch.tensor([0, *shares[1:]]), capacity)
    table = AliasTable.of(weights, capacity)
    held = table.thresholds.long().clone()
    held.scatter_add_(0, table.aliases.long(), capacity - table.thresholds.long())
    assert held.tolist() == weights.tolist() and (table.thresholds >= 0).all()


def test_an_alpha_that_leaves_items_without_a_chance_is_refused():
    context = context_of({user: {1, 2 + user % 5} for user in range(1, 40)}, ITEMS)
    with pytest.raises(InputError, match="alpha is 60.0, .*; it must be smaller"):
        PopularitySampler(context, PopularitySampler.Args(60.0))
