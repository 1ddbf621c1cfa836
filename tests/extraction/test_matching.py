"""Matching equals a search through lists."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.extraction.matching import match_pairs


@pytest.mark.slow
@given(
    st.lists(st.integers(0, 12), unique=True, max_size=12),
    st.lists(st.integers(0, 12), max_size=20),
    st.sampled_from([torch.int32, torch.int64]),
)
@settings(max_examples=200, deadline=None)
def test_equals_a_search(old, new, dtype):
    first, partner = match_pairs(torch.tensor(old, dtype=dtype), torch.tensor(new, dtype=dtype))
    assert first.tolist() == [place for place in range(len(new)) if new.index(new[place]) == place]
    expected = [old.index(new[place]) if new[place] in old else -1 for place in first.tolist()]
    assert partner.tolist() == expected
