"""Searches in parts of one array equal those in each part."""

import torch

from recbole_fn.utils.ragged import lower_bound


def test_lower_bounds_equal_a_search_in_each_range():
    generator = torch.Generator().manual_seed(1)
    lengths = torch.randint(0, 9, (300,), generator=generator)
    ends = lengths.cumsum(0)
    begins = ends - lengths
    parts = [
        torch.randint(0, 12, (n,), generator=generator).sort().values for n in lengths.tolist()
    ]
    bounds = torch.randint(-1, 14, (300,), generator=generator)
    places = lower_bound(torch.cat(parts), begins, ends, bounds)
    for part, begin, bound, place in zip(parts, begins, bounds, places):
        assert place - begin == torch.searchsorted(part, bound)


def test_no_ranges_have_no_places():
    none = torch.zeros(0, dtype=torch.int64)
    assert lower_bound(torch.tensor([1]), none, none, none).tolist() == []
    assert lower_bound(none, torch.tensor([0]), torch.tensor([0]), torch.tensor([3])).tolist() == [
        0
    ]
