"""The dot product and its gradients equal PyTorch's own."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recbole_fn.scoring.candidate_dot import candidate_dot


@given(st.integers(1, 6), st.integers(1, 7), st.integers(2, 9), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_equals_the_dense_gradient(rows, candidates, items, seed):
    torch.manual_seed(seed)
    states = torch.randn(rows, 4, dtype=torch.float64, requires_grad=True)
    table = torch.randn(items, 4, dtype=torch.float64, requires_grad=True)
    chosen = torch.randint(0, items, (rows, candidates))
    weights = torch.randn(rows, candidates, dtype=torch.float64)
    scores = candidate_dot(states, table, chosen)
    ours = torch.autograd.grad((scores * weights).sum(), (states, table))
    dense = (table[chosen] * states.unsqueeze(1)).sum(2)
    expected = torch.autograd.grad((dense * weights).sum(), (states, table))
    torch.testing.assert_close(scores, dense)
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_the_dense_gradient_at_the_size_of_a_batch(dtype):
    torch.manual_seed(0)
    states = torch.randn(300, 16, dtype=dtype, requires_grad=True)
    table = torch.randn(150, 16, dtype=dtype, requires_grad=True)
    chosen = torch.randint(0, 150, (300, 101))  # with repetitions, in no order
    scores = candidate_dot(states, table, chosen)
    dense = (states @ table.t()).gather(1, chosen)
    torch.testing.assert_close(scores, dense, rtol=1e-5, atol=1e-5)
    ours = torch.autograd.grad(scores.square().mean(), (states, table))
    expected = torch.autograd.grad(dense.square().mean(), (states, table))
    torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-5)


def test_no_rows_have_no_scores():
    states, table = torch.ones(0, 4, requires_grad=True), torch.ones(5, 4, requires_grad=True)
    scores = candidate_dot(states, table, torch.ones(0, 3, dtype=torch.int64))
    assert scores.shape == (0, 3)


def gradients(states, encoder, table, chosen, weights):
    """Scores of encoded states, and the gradients of a weighted sum of them."""
    scores = candidate_dot(encoder(states), table, chosen)
    wanted = (encoder.weight, table)
    return scores, torch.autograd.grad((scores.float() * weights).sum(), wanted)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
@pytest.mark.parametrize("num_candidates", [9, 50])  # below and above the size of the table
def test_under_autocast_scores_and_gradients_are_in_32_bits(num_candidates, device, half):
    torch.manual_seed(0)
    states = torch.randn(6, 16, device=device)
    encoder = torch.nn.Linear(16, 16, bias=False, device=device)
    table = torch.randn(20, 16, device=device, requires_grad=True)
    chosen = torch.randint(0, 20, (6, num_candidates), device=device)
    weights = torch.randn(6, num_candidates, device=device)
    expected, wanted = gradients(states, encoder, table, chosen, weights)
    with torch.autocast(device, dtype=half):  # backward within it too, as a user may call it
        assert encoder(states).dtype == half
        scores, grads = gradients(states, encoder, table, chosen, weights)
    assert scores.dtype == torch.float32
    torch.testing.assert_close(scores, expected, rtol=2e-2, atol=5e-2)
    for ours, exact in zip(grads, wanted, strict=False):
        assert ours.dtype == torch.float32
        assert (ours - exact).norm() <= 1e-2 * exact.norm()


@pytest.mark.parametrize("num_candidates", [9, 50])
def test_only_the_states_lose_digits_under_autocast(num_candidates):
    torch.manual_seed(0)
    states, table = torch.randn(6, 16).bfloat16(), torch.randn(20, 16)
    chosen = torch.randint(0, 20, (6, num_candidates))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = candidate_dot(states, table, chosen)
    assert torch.equal(scores, candidate_dot(states.float(), table, chosen))
