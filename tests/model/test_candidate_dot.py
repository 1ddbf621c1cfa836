"""The dot product and its gradients equal PyTorch's own."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.model.candidate_dot import candidate_dot


@given(st.integers(1, 6), st.integers(1, 7), st.integers(2, 9), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_equals_the_dense_gradient(rows, candidates, items, seed):
    torch.manual_seed(seed)
    states = torch.randn(rows, 4, dtype=torch.float64, requires_grad=True)
    table = torch.randn(items, 4, dtype=torch.float64, requires_grad=True)
    chosen = torch.randint(0, items, (rows, candidates))
    weights = torch.randn(rows, candidates, dtype=torch.float64)
    scores = candidate_dot(states, table, chosen)
    found = torch.autograd.grad((scores * weights).sum(), (states, table))
    dense = (table[chosen] * states.unsqueeze(1)).sum(2)
    expected = torch.autograd.grad((dense * weights).sum(), (states, table))
    torch.testing.assert_close(scores, dense)
    torch.testing.assert_close(found, expected)
