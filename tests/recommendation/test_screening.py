"""Lists that are screened in 16 bits equal a naive loop's, with ties."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.recommendation import screening
from recbole_fn.recommendation.screening import ScreenedTable
from tests.evaluation.test_top_k import assert_same_where_left

NONE = torch.zeros(0, dtype=torch.long)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.sampled_from([5, 63, 64, 3000]))
def test_screening_gives_the_exact_lists(seed, k, items):
    chance = torch.Generator().manual_seed(seed)
    # Small whole numbers, so that products are exact in any order of summation, and many are tied.
    table = torch.randint(-40, 40, (items, 8), generator=chance).float()
    states = torch.randint(-40, 40, (4, 8), generator=chance).float()
    states[3] = 0.0  # all scores are equal
    rows = torch.randint(0, 4, (50,), generator=chance)
    excluded = torch.randint(0, items, (50,), generator=chance)
    scores = states @ table.t()
    scores[:, 0] = scores[rows, excluded] = -torch.inf
    best = ScreenedTable(table).best(states, k, torch.zeros(1, dtype=torch.long), (rows, excluded))
    assert_same_where_left(*best, scores, k)


def test_products_that_16_bits_cannot_tell_apart_are_ranked(monkeypatch):
    table = torch.cat([torch.ones(900, 4), torch.ones(900, 4) * (1 + 2.0**-20)])
    states = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    for most in (2048, 1):  # scored again one by one, and all of them
        monkeypatch.setattr(screening, "_MOST", most)
        _, items = ScreenedTable(table).best(states, 3, NONE, (NONE, NONE))
        assert items.tolist() == [[900, 901, 902]]


def test_real_numbers_have_the_lists_of_the_whole_product():
    chance = torch.Generator().manual_seed(7)
    table = torch.randn(20_000, 32, generator=chance) * torch.rand(20_000, 1, generator=chance) * 3
    states = torch.randn(20, 32, generator=chance)
    values, items = ScreenedTable(table).best(states, 20, NONE, (NONE, NONE))
    expected = (states.double() @ table.double().t()).topk(20)
    assert torch.equal(items, expected.indices)
    torch.testing.assert_close(values, expected.values.float())


@pytest.mark.parametrize("hidden", [1, 8, 300])
def test_products_in_16_bits_are_as_near_as_their_bound_says(hidden):
    chance = torch.Generator().manual_seed(hidden)
    table, states = (torch.randn(rows, hidden, generator=chance) for rows in (5000, 30))
    products = (table.bfloat16() @ states.bfloat16().t()).double()
    lengths = table.double().norm(dim=1).outer(states.double().norm(dim=1))
    exact = table.double() @ states.double().t()
    assert bool(((products - exact).abs() <= screening.ERROR * lengths).all())
