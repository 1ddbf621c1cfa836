"""The best items equal a naive loop's, with ties."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.evaluation.top_k import highest, top_k


def naive(row, k):
    """Item ids by score, the lowest id first of equal ones."""
    order = sorted(range(len(row)), key=lambda item: (-row[item], item))
    return order[:k]


def assert_same_where_left(values, items, scores, k):
    """The items are the naive ones, up to the first that is left out."""
    for found, ids, row in zip(values.tolist(), items.tolist(), scores.tolist(), strict=True):
        left = sum(score > -torch.inf for score in row)
        count = min(k, left)
        assert ids[:count] == naive(row, count)
        assert found[:count] == [row[item] for item in ids[:count]]
        assert all(score == -torch.inf for score in found[count:])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from([3, 40, 700, 3000]))
def test_top_k_is_a_sort_with_ties_by_id(seed, k, items):
    chance = torch.Generator().manual_seed(seed)
    levels = int(torch.randint(2, 200, (), generator=chance))
    scores = torch.randint(0, levels, (3, items), generator=chance).float()
    scores[torch.rand(scores.shape, generator=chance) < 0.3] = -torch.inf
    scores[2, 1:] = -torch.inf
    assert_same_where_left(*top_k(scores, k), scores, k)


def test_the_highest_of_many_are_those_of_few():
    scores = torch.rand(4, 9000, generator=torch.Generator().manual_seed(1))
    values, items = highest(scores, 10)
    expected = scores.topk(10)
    assert torch.equal(values, expected.values) and torch.equal(items, expected.indices)
