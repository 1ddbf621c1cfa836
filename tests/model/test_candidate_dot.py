"""The dot product and its gradients equal PyTorch's own."""

import pytest
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_the_dense_gradient_at_the_size_of_a_batch(dtype):
    torch.manual_seed(0)
    states = torch.randn(300, 16, dtype=dtype, requires_grad=True)
    table = torch.randn(150, 16, dtype=dtype, requires_grad=True)
    chosen = torch.randint(0, 150, (300, 101))  # with repetitions, in no order
    scores = candidate_dot(states, table, chosen)
    dense = (states @ table.t()).gather(1, chosen)
    torch.testing.assert_close(scores, dense, rtol=1e-5, atol=1e-5)
    found = torch.autograd.grad(scores.square().mean(), (states, table))
    expected = torch.autograd.grad(dense.square().mean(), (states, table))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_no_rows_have_no_scores():
    states, table = torch.ones(0, 4, requires_grad=True), torch.ones(5, 4, requires_grad=True)
    scores = candidate_dot(states, table, torch.ones(0, 3, dtype=torch.int64))
    assert scores.shape == (0, 3)
