"""Sorting and places of a mask equal PyTorch's own."""

import pytest
import torch

from recbole_fn.utils.places import stable_sort, true_places


@pytest.mark.parametrize("size", [0, 1, 2048, 2049, 9000, 32767, 32768, 40000])
@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_the_sort_equals_that_of_pytorch(size, dtype):
    keys = torch.randint(0, 500, (size,), generator=torch.Generator().manual_seed(size)).to(dtype)
    ordered, places = stable_sort(keys)
    expected = torch.sort(keys, stable=True)
    assert torch.equal(ordered, expected.values) and torch.equal(places, expected.indices)


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 5), (0, 4)])
def test_places_equal_those_of_pytorch(shape):
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(1)) < 0.5
    assert torch.equal(true_places(mask), mask.view(-1).nonzero().squeeze(1))
    assert torch.equal(true_places(mask.t()), mask.t().reshape(-1).nonzero().squeeze(1))
