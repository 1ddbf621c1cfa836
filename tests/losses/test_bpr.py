"""However many positives there are, as many are compared at once as there are rows."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from recbole_fn.losses import bpr
from recbole_fn.losses.bpr import bpr_loss
from tests.helpers.scored_rows import with_gradient


class Largest(TorchDispatchMode):
    """The most entries of a tensor that is made within the context, in backward too."""

    entries = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, (tuple, list)) else (made,):
            if isinstance(tensor, torch.Tensor):
                self.entries = max(self.entries, tensor.numel())
        return made


def all_at_once(logits, labels, valid):
    """Every pair of one row, spelt out: [M, C, C]."""
    labels, negative = labels * valid, (1 - labels) * valid
    weights = labels.unsqueeze(2) * negative.unsqueeze(1)
    weights = weights * (1 - torch.eye(logits.shape[1], dtype=logits.dtype))
    terms = -torch.nn.functional.logsigmoid(logits.unsqueeze(2) - logits.unsqueeze(1))
    return (weights * terms).sum() / weights.sum(), weights.sum()


def many_positives(rows, width, num_positives, dtype=torch.float64):
    torch.manual_seed(0)
    labels = torch.zeros(rows, width, dtype=dtype)
    labels[:, 1:num_positives] = torch.rand(rows, num_positives - 1, dtype=dtype)
    labels[:, 0] = 1
    return torch.randn(rows, width, dtype=dtype), labels, torch.rand(rows, width) < 0.8


@pytest.mark.parametrize("rows", [1, 3, 70])
def test_chunks_equal_all_pairs_at_once(rows, monkeypatch):
    monkeypatch.setattr(bpr, "_SMALLEST_CHUNK", 1)
    case = many_positives(rows, 12, 8)
    ours, expected = with_gradient(bpr_loss, *case), with_gradient(all_at_once, *case)
    torch.testing.assert_close(ours, expected)


def test_chunks_have_the_gradient_of_one_chunk(monkeypatch):
    case = many_positives(20, 30, 25, torch.float32)
    chunked = with_gradient(bpr_loss, *case)
    monkeypatch.setattr(bpr, "_SMALLEST_CHUNK", 10_000)
    torch.testing.assert_close(chunked, with_gradient(bpr_loss, *case), rtol=1e-6, atol=1e-7)


def test_no_tensor_grows_with_the_positives():
    logits, labels, _ = many_positives(64, 200, 150)
    with Largest() as forward_and_backward:
        with_gradient(bpr_loss, logits, labels, None)
    # 64 x 150 positives would make [9600, 200]; their places, two numbers each, are the most.
    assert forward_and_backward.entries <= max(64 * 200, 2 * 64 * 150)


def test_saved_tensors_do_not_grow_with_the_positives():
    logits, labels, _ = many_positives(64, 200, 150)
    saved = {}
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: saved.update({tensor.data_ptr(): tensor.numel()}) or tensor,
        lambda tensor: tensor,
    ):
        bpr_loss(logits.requires_grad_(), labels)
    # Scores, labels and negatives [64, 200], a row and a column for each positive, and the weight.
    assert sum(saved.values()) <= 3 * 64 * 200 + 2 * 64 * 150 + 1
